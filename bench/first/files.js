// What a fresh process finds in the folder that it is given, and how it answers.
import { readFileSync } from "node:fs";

const [, , folder] = process.argv;

export const whole = name => new Uint8Array(readFileSync(`${folder}/${name}`));

export function floats(name) {
  const bytes = whole(name);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

export function report(begin, y) {
  console.log(JSON.stringify({ ms: performance.now() - begin, y: [...y] }));
  process.exit();
}
