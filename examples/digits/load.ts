import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Tensor } from "wasmind";

export const SIDE = 28;

/** The 10,000 digits of examples/data: images of shape [28, 28, 1] with ink from 0 to 1, and what each one shows. */
export function loadDigits(): { images: Tensor; labels: Uint8Array } {
  const bytes = gunzipSync(readFileSync(new URL("../data/digits.bin.gz", import.meta.url)));
  const count = bytes.length / (1 + SIDE * SIDE);
  const ink = Float32Array.from(bytes.subarray(count), byte => byte / 255);
  return { images: { data: ink, shape: [count, SIDE, SIDE, 1] }, labels: new Uint8Array(bytes.subarray(0, count)) };
}
