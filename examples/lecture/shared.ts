import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Tensor } from "wasmind";
import { parseCsv, type TableRow } from "wasmind/csv";

const bytesOf = (name: string): Uint8Array => {
  const bytes = readFileSync(new URL(`../data/${name}`, import.meta.url));
  return name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
};

/** The rows of a table of examples/data: "iris.csv". */
export const readTable = (name: string): TableRow[] => parseCsv(new TextDecoder().decode(bytesOf(name)));

/** The 1,797 digits of 8 x 8 pixels: ink from 0 to 1, [1797, 8, 8, 1], and what each one shows. */
export function readDigits(): { images: Tensor; labels: number[] } {
  const bytes = bytesOf("digits-8x8.bin.gz");
  const count = bytes.length / 65;
  return {
    images: { data: Float32Array.from(bytes.subarray(count), ink => ink / 16), shape: [count, 8, 8, 1] },
    labels: [...bytes.subarray(0, count)],
  };
}

/** Five minutes of an electrocardiogram in millivolts, 120 numbers a second. */
export function readEcg(): Float32Array {
  const bytes = bytesOf("ecg.bin.gz");
  return Float32Array.from(new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)), value => value / 100);
}

/** Says what came out beside what is to be expected; the program fails if it is less. */
export function expectAtLeast(what: string, got: number, least: number): void {
  report(what, got, `at least ${least}`, got >= least);
}

/** Says what came out beside what is to be expected; the program fails if it is more. */
export function expectAtMost(what: string, got: number, most: number): void {
  report(what, got, `at most ${most}`, got <= most);
}

function report(what: string, got: number, expected: string, isReached: boolean): void {
  console.log(`${isReached ? "✓" : "✗"} ${what}: ${got.toFixed(4)} (expected: ${expected})`);
  if (!isReached) process.exitCode = 1;
}
