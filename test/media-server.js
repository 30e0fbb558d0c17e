// media-server.js FOLDER PORT [HTTP PAGES]: runs the node-media-server that npm has put into FOLDER, at
// PORT of loopback. It refuses publishers while there is a file "closed", and where there is a folder
// rec/ it keeps what each publisher sends in a file there. Versions 2 and 4. Version 4 also serves
// HTTP-FLV at the port HTTP, and as /pages what is in the folder PAGES.
"use strict";
const fs = require("fs");
const net = require("net");
const [folder, port] = [process.argv[2], Number(process.argv[3])];
const [web, pages] = [Number(process.argv[4]), process.argv[5]];
const home = folder + "/node_modules/node-media-server";
const version = Number(require(home + "/package.json").version.split(".")[0]);
const closed = () => fs.existsSync("closed");

// Version 2 would listen everywhere.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (at, ...rest) {
	return listen.call(this, at, "127.0.0.1", rest[rest.length - 1]);
};

const files = new Map();
function keep(publisher, type, body, ms) {
	if (!fs.existsSync("rec"))
		return;
	if (!files.has(publisher)) {
		const file = fs.openSync(`rec/${Date.now()}-${files.size}.flv`, "w");
		fs.writeSync(file, Buffer.from("464c5601050000000900000000", "hex"));
		files.set(publisher, file);
	}
	const tag = Buffer.alloc(11 + body.length + 4);
	tag[0] = type;
	tag.writeUIntBE(body.length, 1, 3);
	tag.writeUIntBE(ms & 0xffffff, 4, 3);
	tag[7] = ms >>> 24;
	body.copy(tag, 11);
	tag.writeUInt32BE(11 + body.length, 11 + body.length);
	fs.writeSync(files.get(publisher), tag);
}

const Media = require(home);
if (version < 4) {
	const session = require(home + "/src/node_rtmp_session").prototype;
	for (const [name, type] of [["rtmpAudioHandler", 8], ["rtmpVideoHandler", 9]]) {
		const handle = session[name];
		session[name] = function () {
			const packet = this.parserPacket;
			if (this.isPublishing)
				keep(this, type, packet.payload.slice(0, packet.header.length), packet.clock);
			return handle.call(this);
		};
	}
	const media = new Media({ logType: 3, rtmp: { port, gop_cache: true } });
	media.on("prePublish", (id) => closed() && media.getSession(id).reject());
	media.run();
} else {
	const config = { bind: "127.0.0.1", rtmp: { port }, auth: { secret: "x" }, store: { path: "store" } };
	if (web) {
		config.http = { port: web };
		config.static = { router: "/pages", root: pages };
	}
	const media = new Media(config);
	const events = require(home + "/src/core/context.js").eventEmitter;
	events.on("prePublish", () => { config.auth.publish = closed(); });
	events.on("postPublish", (session) => {
		const take = session.rtmp.onPacketCallback;
		session.rtmp.onPacketCallback = (packet) => {
			if (session.isPublisher && (packet.codec_type === 8 || packet.codec_type === 9))
				keep(session, packet.codec_type, packet.data.subarray(0, packet.size), packet.dts);
			return take(packet);
		};
	});
	media.run();
}
