// page.js: the streams, buttons that send events, and what was sent. Text gets in by textContent alone.
"use strict";
const texts = {
	en: {
		title: "The server of events",
		about: "Each button sends an event. ssecat receives it, reconcile writes what should run, and orchestrate "
			+ "starts and stops it. Look at the terminal.",
		start: "start", stop: "stop", state: "state: only the ticked ones",
		twice: "A list that is empty, or that stops more than half, stops nothing until it is sent again 30 seconds "
			+ "later.",
		sent: "Sent", up: "should run", down: "should not run", stream: "stream", none: "There is no stream.",
		done: "Sent, with the id", failed: "Not sent:", lost: "No connection; it is tried again.",
		gone: "No connection. Load the page again.",
	},
	es: {
		title: "El servidor de eventos",
		about: "Cada botón envía un evento. ssecat lo recibe, reconcile escribe qué debe funcionar, y orchestrate lo "
			+ "arranca y lo para. Mire la terminal.",
		start: "arrancar", stop: "parar", state: "estado: solo las marcadas",
		twice: "Una lista vacía, o que para más de la mitad, no para nada hasta que se envía otra vez 30 segundos "
			+ "después.",
		sent: "Enviados", up: "debe funcionar", down: "no debe funcionar", stream: "emisión",
		none: "No hay ninguna emisión.", done: "Enviado, con el id", failed: "No se envió:",
		lost: "Sin conexión; se intenta otra vez.", gone: "Sin conexión. Cargue la página otra vez.",
	},
};
const language = navigator.languages.map((name) => name.slice(0, 2)).find((name) => name in texts) ?? "en";
const text = texts[language];
const shown = 200; // events
const rows = new Map(); // of streams, by id
const get = (id) => document.getElementById(id);
const say = (...words) => { get("said").textContent = words.join(" "); };
const label = (root) => {
	for (const element of root.querySelectorAll("[data-text]"))
		element.textContent = text[element.dataset.text];
};

async function send(event, ids) {
	try {
		const query = new URLSearchParams(ids.map((id) => ["id", id]));
		const answer = await fetch(`/${event}?${query}`, { method: "POST", headers: { "X-Streamhub": "1" } });
		say(answer.ok ? text.done : text.failed, (await answer.text()).trim());
	} catch (error) {
		say(text.failed, error.message);
	}
}

function mark(row, up) {
	row.querySelector("input").checked = up;
	row.querySelector("output").textContent = up ? text.up : text.down;
}

function add({ id, up }) {
	const row = get("stream").content.firstElementChild.cloneNode(true);
	label(row);
	row.querySelector("span").textContent = `${text.stream} ${id}`;
	const [start, stop] = row.querySelectorAll("button");
	for (const [button, event] of [[start, "start"], [stop, "stop"]]) {
		button.setAttribute("aria-label", `${text[event]} ${text.stream} ${id}`);
		button.addEventListener("click", () => send(event, [id]));
	}
	mark(row, up);
	rows.set(id, row);
	get("streams").append(row);
}

function hear({ type, data, lastEventId }) {
	const item = document.createElement("li");
	item.textContent = `${lastEventId} ${type} ${data}`;
	get("events").prepend(item);
	if (get("events").childElementCount > shown) get("events").lastElementChild.remove();
	const ids = [].concat(JSON.parse(data)).map((stream) => stream.id);
	for (const [id, row] of rows)
		if (type === "state" || ids.includes(id)) mark(row, type !== "stop" && ids.includes(id));
}

async function begin() {
	document.documentElement.lang = language;
	label(document);
	const { first, streams } = await (await fetch("/streams")).json();
	streams.forEach(add);
	if (streams.length === 0) say(text.none);
	get("state").addEventListener("click", () =>
		send("state", [...rows].filter(([, row]) => row.querySelector("input").checked).map(([id]) => id)));
	const source = new EventSource(`/events?after=${first}`);
	for (const event of ["start", "stop", "state"]) source.addEventListener(event, hear);
	source.addEventListener("error", () => say(source.readyState === EventSource.CLOSED ? text.gone : text.lost));
	source.addEventListener("open", () => { if (get("said").textContent === text.lost) say(); });
}
begin().catch(() => say(text.gone));
