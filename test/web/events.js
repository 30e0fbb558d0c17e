// events.js FOLDER PAGE: does to the page of contrib/events/ what a person does, in headless Chromium by the
// playwright-core that npm has put into FOLDER, and prints what it sees.
"use strict";
const [folder, address] = process.argv.slice(2);
const http = require("http");
const { chromium } = require(folder + "/node_modules/playwright-core");
const errors = [];

async function open(browser, options) {
	const page = await (await browser.newContext(options)).newPage();
	page.setDefaultTimeout(20000);
	page.on("pageerror", (error) => errors.push(String(error)));
	page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
	await page.goto(address);
	await page.waitForSelector("#streams li");
	return page;
}

const rows = async (page) => (await page.$$eval("#streams li", (items) => items.map((item) =>
	`${item.querySelector("label").textContent.trim()} ${item.querySelector("output").textContent}`))).join(", ");
const sent = (page, n) => page.waitForFunction((n) => document.getElementById("events").childElementCount === n, n);

async function all(browser) {
	const page = await open(browser, { locale: "en-GB" });
	console.log("en:", await rows(page));
	await page.click('[aria-label="stop stream 1"]');
	await sent(page, 1);
	console.log("click stop:", await rows(page));
	await page.waitForFunction(() => document.getElementById("said").textContent);
	console.log(await page.textContent("#said"));
	await page.focus("#streams input"); // then by keys alone
	await page.keyboard.press("Tab");
	await page.keyboard.press("Enter");
	await sent(page, 2);
	console.log("key start:", await rows(page));
	await page.uncheck("#streams input >> nth=0");
	await page.focus("#state");
	await page.keyboard.press("Space");
	await sent(page, 3);
	console.log("tick and state:", await rows(page));
	console.log("events:", (await page.$$eval("#events li", (items) => items.map((i) => i.textContent))).join(" / "));

	const spanish = await open(browser, { locale: "es-ES", viewport: { width: 320, height: 640 }, isMobile: true });
	console.log("es:", await rows(spanish));
	const words = await spanish.$$eval("button", (buttons) => buttons.map((button) => button.textContent));
	console.log("es:", [...new Set(words)].join(", "));
	const width = await spanish.evaluate(() => document.documentElement.scrollWidth);
	console.log("phone:", width <= 320 ? "fits" : `${width} wide`);

	// What a page of another server may do without leave: a fetch that loses the header, and a form.
	const hostile = http.createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<form method=post>"));
	await new Promise((listening) => hostile.listen(0, "127.0.0.1", listening));
	const other = await (await browser.newContext()).newPage();
	const stop = address + "stop?id=front-door";
	await other.goto(`http://127.0.0.1:${hostile.address().port}/`);
	const fetched = await other.evaluate((url) =>
		fetch(url, { method: "POST", mode: "no-cors", headers: { "X-Streamhub": "1" } })
			.then(() => "done", () => "blocked"), stop);
	const [posted] = await Promise.all([other.waitForResponse(stop, { timeout: 20000 }), other.evaluate((url) => {
		document.forms[0].action = url;
		document.forms[0].submit();
	}, stop)]);
	console.log("another server:", fetched, posted.status());
	hostile.closeAllConnections();
	hostile.close();
	console.log(errors.length ? `errors: ${JSON.stringify(errors)}` : "no error");
}

(async () => {
	const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
	const browser = await chromium.launch({ executablePath, args: process.getuid() ? [] : ["--no-sandbox"] });
	try {
		await all(browser);
	} finally {
		await browser.close();
	}
})().catch((error) => {
	console.log(`failed ${String(error).split("\n")[0]}`);
	process.exit(1);
});
