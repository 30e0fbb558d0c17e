// sse-peers.js CASES SSECAT MODULES: the cases of test/unit/net/sse.cases, each whole and byte by byte, for
// Node's own EventSource, the npm packages eventsource and undici in MODULES, and ssecat. A case passes if
// the events, the Last-Event-ID of the next request and the least pause before it are those of the
// standard. Prints "client passed of" and the names of the cases that did not pass.
'use strict';
const fs = require('fs');
const http = require('http');
const { spawn } = require('child_process');
const [file, ssecat, modules] = process.argv.slice(2);
const PATIENCE = 7000; // ms, longer than every pause that is to be seen

function unescape(text) { // to bytes
	const byte = { n: 10, r: 13, '\\': 92 };
	const out = [];
	const raw = Buffer.from(text);
	for (let i = 0; i < raw.length; i++) {
		if (raw[i] !== 92) { out.push(raw[i]); continue; }
		const c = String.fromCharCode(raw[++i]);
		if (c === 'x') { out.push(parseInt(raw.toString('latin1', i + 1, i + 3), 16)); i += 2; } else out.push(byte[c]);
	}
	return Buffer.from(out);
}

function readCases() {
	const cases = [];
	for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
		const rest = line.slice(2);
		const last = cases[cases.length - 1];
		if (line.startsWith(': ')) cases.push({ name: rest, events: [], id: '', retry: 0 });
		else if (line.startsWith('<')) last.stream = unescape(rest);
		else if (line.startsWith('> ')) last.events.push(rest.split('\t').map((t) => unescape(t).toString()).join('\t'));
		else if (line.startsWith('= ')) {
			const [id, retry] = rest.split('\t');
			last.id = unescape(id).toString('latin1');
			last.retry = Number(retry);
		}
	}
	return cases;
}

const cases = readCases();
const runs = new Map(); // by path

const server = http.createServer((request, response) => {
	const run = runs.get(request.url);
	if (!run || run.ended) { // the next request: what it carries is noted, and it is to be the last
		if (run && run.after === undefined) {
			run.after = Date.now() - run.ended;
			run.id = request.headers['last-event-id'] || '';
		}
		response.writeHead(204).end();
		return;
	}
	response.writeHead(200, { 'Content-Type': 'text/event-stream' });
	response.flushHeaders();
	const pieces = run.bytewise ? [...run.case.stream].map((b) => Buffer.from([b])) : [run.case.stream];
	const next = () => {
		if (pieces.length) { response.write(pieces.shift(), () => setImmediate(next)); return; }
		run.ended = Date.now();
		response.end();
	};
	next();
});

function passed(run) {
	const { events, id, retry } = run.case;
	if (JSON.stringify(run.events) !== JSON.stringify(events)) return false;
	if (run.after === undefined) return retry > PATIENCE || id === '' && retry === 0;
	return run.id.trim() === id.trim() && (retry < 1000 || run.after >= retry - 50) && retry <= PATIENCE;
}

function listen(EventSource) {
	return (url, run) => {
		const source = new EventSource(url);
		const dispatch = source.dispatchEvent.bind(source);
		source.dispatchEvent = (event) => {
			if ('data' in event && 'lastEventId' in event) run.events.push([event.lastEventId, event.type, event.data].join('\t'));
			return dispatch(event);
		};
		source.onerror = () => {};
		return () => source.close();
	};
}

function listenSsecat(url, run) {
	const child = spawn(ssecat, [url], { stdio: ['ignore', 'pipe', 'ignore'] });
	let text = '';
	child.stdout.setEncoding('utf8');
	child.stdout.on('data', (chunk) => {
		const lines = (text + chunk).split('\n');
		text = lines.pop();
		for (const line of lines) {
			const event = JSON.parse(line);
			run.events.push([event.id, event.event, event.data].join('\t'));
		}
	});
	return () => child.kill();
}

async function main() {
	process.on('uncaughtException', () => {}); // of a client: its case does not pass
	const clients = { ssecat: listenSsecat };
	if (globalThis.EventSource) clients[`node-${process.versions.node}`] = listen(globalThis.EventSource);
	for (const name of ['eventsource', 'undici']) {
		const EventSource = require(`${modules}/node_modules/${name}`).EventSource;
		const version = JSON.parse(fs.readFileSync(`${modules}/node_modules/${name}/package.json`)).version;
		clients[`${name}-${version}`] = listen(EventSource);
	}
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	for (const [name, client] of Object.entries(clients)) {
		const mine = [];
		for (const bytewise of [false, true])
			for (const one of cases) mine.push({ case: one, bytewise, events: [] });
		const stops = mine.map((run, i) => {
			const path = `/${name}/${i}`;
			runs.set(path, run);
			return client(`http://127.0.0.1:${server.address().port}${path}`, run);
		});
		await new Promise((done) => setTimeout(done, PATIENCE + 4000));
		stops.forEach((stop) => stop());
		const bad = mine.filter((run) => !passed(run));
		console.log(`${name} ${mine.length - bad.length} ${mine.length}`);
		for (const run of bad) {
			console.log(`  ${run.case.name}${run.bytewise ? ', byte by byte' : ''}: ` +
				JSON.stringify({ events: run.events, id: run.id, after: run.after }));
		}
	}
	process.exit(0);
}
main();
