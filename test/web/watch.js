// watch.js FOLDER PAGE STREAM: plays STREAM, an HTTP-FLV address, with mpegts.js in PAGE, in headless Chromium
// by the playwright-core that npm has put into FOLDER, until SIGTERM. Each fifth of a second it prints
// "sample", the wall clock in ms, currentTime in ms, videoWidth, a hash of what is shown, totalVideoFrames,
// droppedVideoFrames and the bytes of decoded sound; and in between a line for each event of the video
// element and each error of mpegts.js; and "hole", with its ends in seconds, for each in what it has buffered:
// Chromium waits there for seconds.
"use strict";
const [folder, address, stream] = process.argv.slice(2);
const { chromium } = require(folder + "/node_modules/playwright-core");

// In the page.
function play(url) {
	const video = document.querySelector("video");
	const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
	const [width, height] = [canvas.canvas.width, canvas.canvas.height] = [96, 54];
	const shown = () => {
		canvas.drawImage(video, 0, 0, width, height);
		return canvas.getImageData(0, 0, width, height).data.reduce(
			(hash, byte) => Math.imul(hash ^ byte, 16777619) >>> 0, 2166136261);
	};
	for (const name of ["waiting", "stalled", "error", "pause", "ended"])
		video.addEventListener(name, () => tell(`event ${name} ${video.error?.message ?? ""}`));
	// With its stash it would hold back what comes slowly: seconds of a filler.
	const player = mpegts.createPlayer({ type: "flv", isLive: true, url }, { enableStashBuffer: false });
	player.on(mpegts.Events.ERROR, (...what) => tell(`event mpegts ${JSON.stringify(what)}`));
	player.attachMediaElement(video);
	player.load();
	player.play().catch((error) => tell(`event refused ${error}`));
	let ranges = 1;
	setInterval(() => {
		for (; ranges < video.buffered.length; ranges++)
			tell(`hole ${video.buffered.end(ranges - 1)} ${video.buffered.start(ranges)}`);
		const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
		if (video.videoWidth)
			tell(["sample", Math.round(performance.timeOrigin + performance.now()),
				Math.round(video.currentTime * 1000), video.videoWidth, shown(), totalVideoFrames,
				droppedVideoFrames, video.webkitAudioDecodedByteCount].join(" "));
	}, 200);
}

(async () => {
	const browser = await chromium.launch({
		executablePath: "/usr/bin/chromium",
		args: ["--autoplay-policy=no-user-gesture-required"].concat(process.getuid() ? [] : "--no-sandbox"),
	});
	process.on("SIGTERM", () => browser.close().then(() => process.exit(0)));
	const page = await browser.newPage();
	page.on("pageerror", (error) => console.log(`event page ${error}`));
	await page.exposeFunction("tell", (line) => console.log(line));
	await page.goto(address);
	console.log(`browser ${browser.version()}`);
	await page.evaluate(play, stream);
})().catch((error) => {
	console.log(`failed ${String(error).split("\n")[0]}`);
	process.exit(1);
});
