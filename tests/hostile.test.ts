// Files that are damaged, or made to do harm: each is refused in plain words, or loads, within a second, in little memory; and runs nothing.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { strToU8, unzipSync, zipSync } from "fflate";
import { describe, expect, test, vi } from "vitest";
import { type LoadOptions, loadModel } from "../js/index.js";

const read = (file: string) => new Uint8Array(gunzipSync(readFileSync(`tests/fixtures/files/${file}.gz`)));
const archives = ["3.0.5/dense.keras", "3.15.1/text.keras", "2.21.0/image.keras"].map(read);
const wholes = ["3.15.1/dense.h5", "2.21.0/text.h5"].map(read);
const shard = Uint8Array.from(readFileSync("tests/fixtures/files/tfjs/text/model.weights.bin"));
const topology = readFileSync("tests/fixtures/files/tfjs/text/model.json", "utf8");
const weights = unzipSync(archives[0])["model.weights.h5"];

const MEGABYTE = 2 ** 20;
let slowest = 0;

/** @returns whether it loads */
async function loadsOrRefuses(bytes: Uint8Array, options?: LoadOptions): Promise<boolean> {
  const begin = performance.now();
  try {
    const model = await loadModel(bytes, options);
    if (model.inputShape) expect(model.countParams()).toBeGreaterThanOrEqual(0);
    return true;
  } catch (error) {
    expect(Object.getPrototypeOf(error), `${error}`).toBe(Error.prototype);
    expect((error as Error).message.length).toBeGreaterThan(10);
    return false;
  } finally {
    slowest = Math.max(slowest, performance.now() - begin);
  }
}

/** The archive with another description or other weights. */
function repacked(changes: Record<string, Uint8Array>, archive = archives[0], level: 0 | 9 = 0): Uint8Array {
  return zipSync({ ...unzipSync(archive), ...changes }, { level });
}

const text = (archive: Uint8Array) => new TextDecoder().decode(unzipSync(archive)["config.json"]);
const described = (json: string, archive = archives[0]) => repacked({ "config.json": strToU8(json) }, archive);

const quietly = async <T>(run: () => Promise<T>) => {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  const result = await run();
  warn.mockRestore();
  return result;
};

const flips = (length: number) => fc.array(fc.tuple(fc.nat(length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });

function changed(bytes: Uint8Array, places: [number, number][]): Uint8Array {
  const copy = bytes.slice();
  for (const [at, byte] of places) copy[at] = byte;
  return copy;
}

/** JSON with one of its values replaced by another. */
function replaced(json: string, which: number, value: unknown): string {
  let count = 0;
  JSON.parse(json, (_, item) => {
    count++;
    return item;
  });
  let seen = -1;
  return JSON.stringify(JSON.parse(json), (_, item) => (seen++ === which % count ? value : item)) ?? "null";
}

interface Entry {
  name: string;
  shape: unknown;
  dtype: unknown;
  quantization?: unknown;
}

/** tfjs's model.json with other lists of weights and of files. */
function listed(edit: (entries: Entry[], group: { paths: unknown }) => void): string {
  const model = JSON.parse(topology);
  const [group] = model.weightsManifest;
  edit(group.weights, group);
  return JSON.stringify(model);
}

/** Anything that an entry of tfjs's list may say of itself: real types, codes, and what is none of them. */
const entries = fc.record(
  {
    shape: fc.oneof(fc.array(fc.constantFrom(0, 1, 3, 7, 2 ** 31, 2 ** 53, -1, 0.5)), fc.jsonValue()),
    dtype: fc.constantFrom("float32", "float16", "int32", "bool", "uint8", "uint16", "string", "complex64", "__proto__", 7),
    quantization: fc.oneof(
      fc.record(
        { dtype: fc.constantFrom("uint8", "uint16", "float16", "constructor", null), scale: fc.jsonValue(), min: fc.jsonValue() },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    ),
    name: fc.constantFrom("__proto__", "constructor", "", "lstm_LSTM1/kernel", "dense/../kernel"),
  },
  { requiredKeys: [] },
);

/** A file, and for tfjs's what lies beside it. */
type Damaged = Uint8Array | { json: Uint8Array; shard: Uint8Array };

describe("12,000 damaged files", () => {
  const cases: [string, number, fc.Arbitrary<Damaged>][] = [
    ...archives.map((bytes, i): [string, number, fc.Arbitrary<Damaged>] => [
      `archive ${i} with other bytes`,
      1200,
      flips(bytes.length).map(places => changed(bytes, places)),
    ]),
    ...wholes.map((bytes, i): [string, number, fc.Arbitrary<Damaged>] => [
      `.h5 ${i} with other bytes`,
      1200,
      flips(bytes.length).map(places => changed(bytes, places)),
    ]),
    [
      "weights with other bytes in their structure",
      1500,
      flips(weights.length).map(places => repacked({ "model.weights.h5": changed(weights, places) })),
    ],
    [
      "cut short",
      1000,
      fc
        .tuple(fc.constantFrom(...archives, ...wholes), fc.double({ min: 0, max: 1, noNaN: true }))
        .map(([bytes, share]) => bytes.slice(0, share * bytes.length)),
    ],
    [
      "with a value of the description replaced",
      1500,
      fc
        .tuple(fc.constantFrom(...archives), fc.nat(10_000), fc.jsonValue())
        .map(([archive, which, value]) => described(replaced(text(archive), which, value), archive)),
    ],
    [
      "tfjs's, with other bytes in the description",
      500,
      flips(topology.length).map(places => ({ json: changed(strToU8(topology), places), shard })),
    ],
    [
      "tfjs's, with a value of the description replaced",
      500,
      fc.tuple(fc.nat(10_000), fc.jsonValue()).map(([which, value]) => ({ json: strToU8(replaced(topology, which, value)), shard })),
    ],
    [
      "tfjs's, with another entry in the list of weights",
      500,
      fc.tuple(fc.nat(20), entries).map(([which, entry]) => ({
        json: strToU8(listed(all => void Object.assign(all[which % all.length], entry))),
        shard,
      })),
    ],
    [
      "tfjs's, with weights cut short or of other bytes",
      500,
      fc.tuple(fc.nat(shard.length), flips(shard.length)).map(([length, places]) => ({
        json: strToU8(topology),
        shard: changed(shard, places).slice(0, places.length % 2 ? length : shard.length),
      })),
    ],
  ];

  test.each(cases)("%s", { timeout: 120_000 }, async (_, numRuns, files) => {
    slowest = 0;
    const before = process.memoryUsage().rss;
    await quietly(() =>
      fc.assert(
        fc.asyncProperty(files, async file => {
          if (file instanceof Uint8Array) await loadsOrRefuses(file);
          else await loadsOrRefuses(file.json, { shards: { "model.weights.bin": file.shard } });
        }),
        { numRuns, seed: 7 },
      ),
    );
    expect(slowest).toBeLessThan(1000);
    expect(process.memoryUsage().rss - before).toBeLessThan(700 * MEGABYTE);
  });
});

describe("a file that is made to do harm", () => {
  const json = (edit: (model: { config: { layers: { class_name: string; config: Record<string, unknown> }[] } }) => void) => {
    const model = JSON.parse(text(archives[0]));
    edit(model);
    return described(JSON.stringify(model));
  };

  test.each<[string, () => Uint8Array, RegExp]>([
    [
      "a zip bomb in the weights",
      () => zipSync({ ...unzipSync(archives[0]), "model.weights.h5": new Uint8Array(64 * MEGABYTE) }, { level: 9 }),
      /would grow from \d+ to 67108864 bytes/,
    ],
    [
      "a zip bomb in the description",
      () => repacked({ "config.json": new Uint8Array(128 * MEGABYTE).fill(32) }, archives[0], 9),
      /would grow from/,
    ],
    [
      "more members than any model",
      () =>
        zipSync({ ...unzipSync(archives[0]), ...Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`a${i}`, new Uint8Array()])) }),
      /more than 1000 members/,
    ],
    ["a description as deep as a well", () => described(`${"[".repeat(200_000)}${"]".repeat(200_000)}`), /config\.json/],
    [
      "layers as deep as a well",
      () =>
        described(
          `{"class_name":"Sequential","config":{"layers":[${'{"class_name":"Sequential","config":{"layers":['.repeat(20_000)}${"]}}".repeat(20_000)}]}}`,
        ),
      /./,
    ],
    [
      "an option as deep as a well",
      () => described(text(archives[0]).replace('"units":', `"seed": ${"[".repeat(5000)}${"]".repeat(5000)}, "units":`)),
      /config.json is not JSON of a model: it is nested more than 1000 deep/,
    ],
    [
      "a Lambda layer",
      () =>
        json(model => void (model.config.layers[1] = { class_name: "Lambda", config: { name: "l", function: ["4wEAAAA=", null, null] } })),
      /layers\[1\] \(l\) holds a Python function, and code in a file is never run/,
    ],
    [
      "a lambda as an activation",
      () => json(model => void (model.config.layers[1].config.activation = { class_name: "__lambda__", config: { value: "4wEAAAA=" } })),
      /layers\[1\] \(first\) holds a Python function/,
    ],
    [
      "a layer beyond all memory",
      () => json(model => void (model.config.layers[1].config.units = 2 ** 40)),
      /kernel: expected a tensor of shape \(4, 1099511627776\)/,
    ],
    [
      "a layer of an inherited name",
      () => json(model => void (model.config.layers[1].class_name = "constructor")),
      /is a constructor, which is not known here/,
    ],
    [
      "weights in codes",
      () =>
        json(
          model =>
            void (model.config.layers[1].config.dtype = { class_name: "QuantizedDTypePolicy", config: { name: "int8_from_float32" } }),
        ),
      /layers\[1\] \(first\) has quantized weights/,
    ],
    [
      "an option that is not here",
      () => json(model => void (model.config.layers[1].config.lora_rank = 4)),
      /layers\[1\] \(first\): first: unknown option "loraRank"/,
    ],
  ])("%s is refused", async (_, make, message) => {
    const bytes = make();
    const begin = performance.now();
    await expect(loadModel(bytes)).rejects.toThrow(message);
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  test.each<[string, string, RegExp]>([
    ["../secret.bin", "the folder around", /names the file "..\/secret.bin", which does not lie beside it/],
    ["shards/../../secret.bin", "the folder around, by way of one inside", /does not lie beside it/],
    ["..\\secret.bin", "the folder around, as Windows writes it", /does not lie beside it/],
    ["%2e%2e/secret.bin", "the folder around, as addresses may write it", /does not lie beside it/],
    [".\t./secret.bin", "the folder around, with what addresses pass over", /does not lie beside it/],
    ["/etc/hostname", "the root", /does not lie beside it/],
    ["file:///etc/hostname", "an address", /does not lie beside it/],
    ["http://127.0.0.1:1/weights.bin", "a server", /does not lie beside it/],
    ["//127.0.0.1:1/weights.bin", "a server, in short", /does not lie beside it/],
  ])("a list of weights that names %j is refused: %s", async (path, _, message) => {
    const folder = mkdtempSync(join(tmpdir(), "wasmind-"));
    try {
      mkdirSync(join(folder, "model/shards"), { recursive: true });
      writeFileSync(join(folder, "secret.bin"), shard);
      const file = join(folder, "model/model.json");
      writeFileSync(
        file,
        listed((_, group) => void (group.paths = [path])),
      );
      for (const source of [file, pathToFileURL(file)]) await expect(loadModel(source)).rejects.toThrow(message);
      writeFileSync(join(folder, "model/shards/a b.bin"), shard);
      writeFileSync(
        file,
        listed((_, group) => void (group.paths = ["shards/a b.bin"])),
      );
      for (const source of [file, pathToFileURL(file)]) expect((await loadModel(source)).countParams()).toBe(shard.length / 4);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each<[string, Parameters<typeof listed>[0], RegExp]>([
    [
      "a file of weights named many times",
      (_, group) => void (group.paths = Array(1e5).fill("model.weights.bin")),
      /"model.weights.bin" twice/,
    ],
    ["files without end", (_, group) => void (group.paths = Array.from({ length: 1e5 }, (_, i) => `${i}.bin`)), /more than 1000 files/],
    ["a file that is no name", (_, group) => void (group.paths = [{ toString: "model.weights.bin" }]), /names the file an object/],
    ["weights beyond all memory", ([first]) => void (first.shape = [2 ** 50, 2 ** 50]), /cut short at/],
    ["weights of another type", ([first]) => void (first.dtype = "string"), /is stored as string, which cannot be read/],
    ["weights in codes that are not known", ([first]) => void (first.quantization = { dtype: "int4" }), /is stored as int4/],
    ["weights of an inherited type", ([first]) => void (first.dtype = "constructor"), /is stored as constructor/],
  ])("%s is refused", async (_, edit, message) => {
    const begin = performance.now();
    const options = {
      shards: { "model.weights.bin": shard, ...Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`${i}.bin`, shard])) },
    };
    await expect(loadModel(strToU8(listed(edit)), options)).rejects.toThrow(message);
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  test("changes no prototype", async () => {
    const dirty = text(archives[0]).replace(
      '"config": {',
      '"config": {"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, ',
    );
    await loadsOrRefuses(described(dirty));
    const entry = '{"name":"__proto__","shape":[1],"dtype":"float32","__proto__":{"polluted":1}},';
    const tfjs = topology.replace('"weights":[', `"weights":[${entry}`).replace('"config":{', '"config":{"__proto__":{"polluted":1},');
    expect(tfjs.length).toBeGreaterThan(topology.length + entry.length);
    await loadsOrRefuses(strToU8(tfjs), { shards: JSON.parse('{"__proto__":{"polluted":1}}') });
    await loadsOrRefuses(strToU8(tfjs), { shards: { "model.weights.bin": shard } });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  /** An HDF5 file whose root group's tree is made by hand. */
  function tree(build: (file: DataView, at: { tree: number; heap: number; free: number }) => void): Uint8Array {
    const bytes = new Uint8Array(64 * 1024);
    bytes.set(weights.subarray(0, 96));
    const file = new DataView(bytes.buffer);
    file.setBigUint64(64, 96n, true); // the root's header: one message, which says where its tree is
    bytes.set([1, 0, 1, 0, 1, 0, 0, 0, 24, 0, 0, 0], 96);
    bytes.set([0x11, 0, 16, 0], 112);
    const at = { tree: 256, heap: 1024, free: 2048 };
    file.setBigUint64(120, BigInt(at.tree), true);
    file.setBigUint64(128, BigInt(at.heap), true);
    bytes.set(strToU8("HEAP"), at.heap);
    file.setBigUint64(at.heap + 8, 64n, true);
    file.setBigUint64(at.heap + 24, BigInt(at.heap + 64), true);
    build(file, at);
    return repacked({ "model.weights.h5": bytes });
  }
  const node = (file: DataView, at: number, level: number, children: number[]) => {
    new Uint8Array(file.buffer).set(strToU8("TREE"), at);
    file.setUint8(at + 5, level);
    file.setUint16(at + 6, children.length, true);
    for (const [i, child] of children.entries()) file.setBigUint64(at + 32 + 16 * i, BigInt(child), true);
  };

  test.each<[string, Parameters<typeof tree>[0], RegExp]>([
    ["that leads back to itself", (file, { tree }) => node(file, tree, 1, [tree]), /has a node twice/],
    [
      "that branches without end",
      (file, { tree, free }) => {
        for (let level = 9; level >= 0; level--) {
          const at = level === 9 ? tree : free + (9 - level) * 1200;
          node(file, at, level, Array(60).fill(free + (10 - level) * 1200));
        }
      },
      /has a node twice/,
    ],
    [
      "of more names than the file has room for",
      (file, { tree, free }) => {
        node(file, tree, 0, [free]);
        file.setUint16(free + 6, 65535, true);
      },
      /HDF5: /,
    ],
    [
      "of levels that do not follow",
      (file, { tree, free }) => {
        node(file, tree, 5, [free]);
        node(file, free, 5, [free]);
      },
      /tree is damaged/,
    ],
  ])("a tree %s is refused", async (_, build, message) => {
    const bytes = tree(build);
    const begin = performance.now();
    await expect(loadModel(bytes)).rejects.toThrow(message);
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});
