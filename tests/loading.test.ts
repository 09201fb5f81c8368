import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { layers, sequential } from "../js/index.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wasmind-"));
  const model = sequential([layers.dense(5000, { inputShape: [2500] }), layers.dense(2500)]);
  for (const ending of ["keras", "safetensors"]) await model.save(join(folder, `large.${ending}`));
});
afterAll(() => rm(folder, { recursive: true }));

test.each(["keras", "safetensors"])("a model of 100 MB is not held more than 2.2 times while it is loaded: .%s", ending => {
  const said = execFileSync(process.execPath, ["--expose-gc", "tests/memory/loading.js", join(folder, `large.${ending}`)], {
    encoding: "utf8",
  });
  const { copies, weights } = JSON.parse(said);
  expect(weights).toBeGreaterThan(100e6);
  console.log(`.${ending}: ${copies.toFixed(2)} copies`);
  expect(copies).toBeGreaterThan(1);
  expect(copies).toBeLessThan(2.2);
});
