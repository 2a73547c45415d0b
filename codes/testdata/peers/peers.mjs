// Run by npm_test.go. "read FORMAT FILE…" writes one line a picture: the bytes that
// zxing-wasm reads in it, in hexadecimal. "write" takes lines of JSON, bwip-js
// options and a file name each, and draws them.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const [mode, ...args] = process.argv.slice(2);

if (mode === "read") {
	const { prepareZXingModule, readBarcodes } = await import("zxing-wasm/reader");
	const wasmBinary = readFileSync(require.resolve("zxing-wasm/reader/zxing_reader.wasm"));
	await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
	for (const name of args) {
		const found = await readBarcodes(readFileSync(name), { tryHarder: true, maxNumberOfSymbols: 1 });
		console.log(found.map((r) => `${r.symbologyIdentifier} ${Buffer.from(r.bytes).toString("hex")}`).join(" ") || "none");
	}
} else {
	const bwipjs = require("bwip-js");
	for (const line of readFileSync(0, "utf8").trim().split("\n")) {
		const { file, ...options } = JSON.parse(line);
		writeFileSync(file, await bwipjs.toBuffer(options));
	}
}
