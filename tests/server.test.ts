import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { handlerOf } from "../examples/server/lambda.js";
import { load, textModel } from "../examples/server/load.js";
import { serverOf } from "../examples/server/server.js";
import { layers, sequential } from "../js/index.js";

const text = (seed: number) => Array.from({ length: 200 }, (_, i) => (i * 37 + seed * 101) % 10_000);

describe("predictions at the same time on one model", () => {
  test("are each what they are alone", async () => {
    const model = sequential([layers.dense(64, { activation: "tanh", inputShape: [32] }), layers.dense(3)]);
    const inputs = Array.from({ length: 24 }, (_, n) => Float32Array.from({ length: (n + 1) * 32 }, (_, i) => Math.sin(i * (n + 1))));
    const alone = [];
    for (const [n, x] of inputs.entries()) alone.push(await model.predict(x, { batchSize: 1 + (n % 5) }));
    const together = await Promise.all(inputs.map((x, n) => model.predict(x, { batchSize: 1 + (n % 5) })));
    expect(together).toEqual(alone);
  });

  test("wait for each other's turns, not for each other's ends", async () => {
    const model = await sequential([layers.dense(64, { inputShape: [64] }), layers.dense(64)]).ready();
    const controller = new AbortController();
    const done: string[] = [];
    // it would take seconds, and ends when the others are done
    const large = model
      .predict(new Float32Array(64 * 400_000).fill(1), { batchSize: 1, signal: controller.signal })
      .catch(() => {})
      .then(() => done.push("large"));
    await Promise.all(["a", "b"].map(name => model.predict(new Float32Array(64)).then(() => done.push(name))));
    controller.abort();
    await large;
    expect(done).toEqual(["a", "b", "large"]);
  });
});

describe("the examples", () => {
  test("a server predicts requests together, and each gets its own answer", async () => {
    const model = await textModel().ready();
    const server = serverOf(model, { wait: 20, most: 16 });
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const post = (body: unknown) => fetch(`${url}/predict`, { method: "POST", body: JSON.stringify(body) });
    try {
      const bad = [post([1, 2]), post({}), post(Array(200).fill(null))];
      const good = Array.from({ length: 40 }, (_, n) => post(text(n)));
      for (const response of await Promise.all(bad)) {
        expect(response.status).toBe(400);
        expect(((await response.json()) as { error: string }).error).toMatch(/expected/);
      }
      for (const [n, response] of (await Promise.all(good)).entries()) {
        const [answer] = (await response.json()) as number[];
        expect(answer).toBeCloseTo(model.predictSync([text(n)]).data[0], 6);
      }
      expect((await fetch(url)).status).toBe(404);
      const { batches, samples } = (await (await fetch(`${url}/counts`)).json()) as { batches: number; samples: number };
      expect(samples).toBe(40);
      expect(batches).toBeLessThan(20);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  test("a server stands a load of 5 s without an error", { timeout: 60_000 }, async () => {
    const { requests, errors, p50, p99 } = await load(5);
    expect(errors).toEqual({});
    expect(requests).toBeGreaterThan(100);
    expect(p99).toBeGreaterThanOrEqual(p50);
  });

  test("a Lambda's handler loads its model once and answers", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wasmind-"));
    try {
      const model = textModel();
      await model.save(join(folder, "model.safetensors"));
      const handler = handlerOf(join(folder, "model.safetensors"));
      const [good, bad] = await Promise.all([handler({ body: JSON.stringify([text(1)]) }), handler({ body: "[[1]]" })]);
      expect([good.statusCode, bad.statusCode]).toEqual([200, 400]);
      expect(JSON.parse(good.body)).toEqual({ data: [...(await model.predict([text(1)])).data], shape: [1, 1] });
      await expect(handlerOf(join(folder, "none.safetensors"))({ body: "[]" })).rejects.toThrow("none.safetensors");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test("a process of 128 MB loads the text model and predicts", () => {
  const folder = mkdtempSync(join(tmpdir(), "wasmind-"));
  const program = `
    import { layers, loadModel, sequential } from "wasmind";
    import { readFileSync, writeFileSync } from "node:fs";
    const file = process.argv[1];
    if (process.argv[2] === "make") {
      const model = sequential([layers.embedding(10_000, 64, { inputShape: [200] }), layers.lstm(64), layers.dense(1, { activation: "sigmoid" })]);
      writeFileSync(file, model.toSafetensors());
    } else {
      const model = await loadModel(new Uint8Array(readFileSync(file)), { compile: false });
      for (let i = 0; i < 20; i++) await model.predict([Array(200).fill(i)]);
      // maxRSS begins with what the process had that started this one
      const peak = process.platform === "linux" ? /VmHWM: *\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1] : process.resourceUsage().maxRSS;
      console.log(peak / 1024);
    }`;
  const run = (...args: string[]) =>
    execFileSync(process.execPath, ["--input-type=module", "-e", program, join(folder, "m.safetensors"), ...args], { encoding: "utf8" });
  try {
    run("make");
    const peak = Number(run());
    console.log(`peak: ${peak.toFixed(0)} MiB of the whole process`);
    expect(peak).toBeLessThan(128);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
