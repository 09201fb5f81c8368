import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Engine } from "../js/engine/engine.js";
import { Arena, addressOf, aligned, type Lifetime, placeByLifetime, reshaped, slotFor } from "../js/engine/memory.js";
import { Plan } from "../js/engine/plan.js";
import { layers, type Sequential, sequential, setSeed } from "../js/index.js";
import { uniform } from "./kernels/data.js";
import { bits, classifier, convnet, distance, forward, regression, samples } from "./nets.js";

const { x, values, oneHot } = samples(24);
const quiet = { verbose: 0 } as const;

describe("placement by lifetime", () => {
  const lifetimes = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 }))
      .map(([elements, a, b]): Lifetime => ({ slot: slotFor(elements), first: Math.min(a, b), last: Math.max(a, b) })),
    { maxLength: 40 },
  );

  test("lets no two slots overlap that live at the same time", () => {
    fc.assert(
      fc.property(lifetimes, fc.integer({ min: 0, max: 100 }), (items, start) => {
        const base = 64 * start;
        const end = placeByLifetime(items, base);
        for (const { slot } of items) {
          expect(slot.address % 64).toBe(0);
          expect(slot.address).toBeGreaterThanOrEqual(base);
          expect(slot.address + slot.bytes).toBeLessThanOrEqual(end);
        }
        for (const a of items) {
          for (const b of items) {
            if (a === b || a.last < b.first || b.last < a.first) continue;
            const apart = a.slot.address + a.slot.bytes <= b.slot.address || b.slot.address + b.slot.bytes <= a.slot.address;
            expect(apart || a.slot.bytes === 0 || b.slot.bytes === 0).toBe(true);
          }
        }
      }),
      { seed: 1 },
    );
  });

  test("lets slots share their place when they live one after the other", () => {
    const chain = Array.from({ length: 10 }, (_, i): Lifetime => ({ slot: slotFor(1000), first: i, last: i + 1 }));
    expect(placeByLifetime(chain, 0)).toBe(2 * aligned(4000));
    const forever = chain.map(({ slot }): Lifetime => ({ slot, first: 0, last: 9 }));
    expect(placeByLifetime(forever, 0)).toBe(10 * aligned(4000));
  });
});

describe("the arena", () => {
  test("puts what stays side by side, filled with zeros, and keeps it when it grows", () => {
    const arena = new Arena();
    const [a, b] = [arena.place(slotFor(5)), arena.place(slotFor(100))];
    expect(a.address % 64).toBe(0);
    expect(b.address).toBe(a.address + 64);
    expect(arena.workspace).toBe(b.address + aligned(400));
    arena.floats.fill(7, a.address / 4, a.address / 4 + 5);
    const before = arena.floats;
    const region = arena.open();
    const c = arena.place(slotFor(1_000_000));
    expect(before).toHaveLength(0);
    expect([...arena.floats.subarray(a.address / 4, a.address / 4 + 6)]).toEqual([7, 7, 7, 7, 7, 0]);
    expect(arena.floats.subarray(c.address / 4, c.address / 4 + 1_000_000).every(v => v === 0)).toBe(true);
    arena.floats.fill(1, c.address / 4, c.address / 4 + 10);
    arena.release(region);
    expect(arena.place(slotFor(10)).address).toBe(c.address);
    expect([...arena.floats.subarray(c.address / 4, c.address / 4 + 10)]).toEqual(Array(10).fill(0));
  });

  test("gives regions back as soon as all behind them are given back", () => {
    const arena = new Arena();
    const begin = arena.workspace;
    const [first, second, third] = [1, 2, 3].map(lines => {
      const region = arena.open();
      arena.place(slotFor(16 * lines));
      return region;
    });
    expect([first.begin, second.begin, third.begin, arena.workspace]).toEqual([0, 64, 192, 384].map(bytes => begin + bytes));
    arena.release(second);
    expect(arena.workspace).toBe(begin + 384);
    arena.release(third);
    expect(arena.workspace).toBe(begin + 64);
    arena.release(first);
    expect(arena.workspace).toBe(begin);
  });
});

describe("a plan", () => {
  async function engineWith(plan: Plan) {
    const engine = new Engine();
    await engine.ready();
    engine.enter(plan);
    return engine;
  }

  test("computes what was recorded, on whatever its inputs hold", async () => {
    const plan = new Plan(false);
    const input = plan.input([6]);
    const [half, sum] = [plan.tensor([6]), plan.tensor([6])];
    plan.call("relu", { y: half, x: input }, { range: 6 });
    plan.call("add", { y: sum, a: half, b: input }, { range: 6 });
    plan.keep(sum);
    const engine = await engineWith(plan);
    for (const numbers of [
      [1, -2, 3, -4, 5, -6],
      [-1, 1, 0, 0.5, -0.5, 2],
    ]) {
      engine.enter(plan);
      engine.arena.read(input).set(numbers);
      engine.run(plan);
      expect([...engine.arena.read(sum)]).toEqual(numbers.map(v => Math.max(v, 0) + v));
    }
  });

  test("reads a view where it lies in its slot", async () => {
    const plan = new Plan(false);
    const input = plan.input([2, 8]);
    const output = plan.keep(plan.tensor([8]));
    const second = { ...reshaped(input, [8]), offset: 32 };
    plan.call("relu", { y: output, x: second }, { range: 8 });
    const engine = await engineWith(plan);
    expect(addressOf(second)).toBe(addressOf(input) + 32);
    engine.arena.read(input).set(Array.from({ length: 16 }, (_, i) => i - 10));
    engine.run(plan);
    expect([...engine.arena.read(output)]).toEqual([0, 0, 0, 1, 2, 3, 4, 5]);
  });

  test("prepares again only when weights have changed, or another plan was in between", async () => {
    const build = () => {
      const plan = new Plan(false);
      const input = plan.input([4]);
      const prepared = plan.tensor([4]);
      const output = plan.keep(plan.tensor([4]));
      plan.prepare("relu", { y: prepared, x: weight }, prepared.slot, { range: 4 });
      plan.call("add", { y: output, a: prepared, b: input }, { range: 4 });
      return { plan, input, output };
    };
    const engine = new Engine();
    await engine.ready();
    const slot = engine.arena.place(slotFor(4));
    const weight = { slot, offset: 0, shape: [4], needsGradient: false };
    const [one, other] = [build(), build()];
    const run = ({ plan, input, output }: ReturnType<typeof build>) => {
      engine.enter(plan);
      engine.arena.read(input).fill(1);
      engine.run(plan);
      return [...engine.arena.read(output)];
    };
    engine.arena.read(weight).fill(5);
    expect(run(one)).toEqual([6, 6, 6, 6]);
    engine.arena.read(weight).fill(7);
    expect(run(one)).toEqual([6, 6, 6, 6]);
    engine.weightsChanged();
    expect(run(one)).toEqual([8, 8, 8, 8]);
    expect(run(other)).toEqual([8, 8, 8, 8]);
    engine.arena.read(weight).fill(9);
    expect(run(one)).toEqual([10, 10, 10, 10]);
  });

  test("in training prepares at each run", async () => {
    const plan = new Plan(true);
    const input = plan.input([4]);
    const output = plan.keep(plan.tensor([4]));
    plan.prepare("relu", { y: output, x: input }, output.slot, { range: 4 });
    expect(plan.preparation).toEqual([]);
    const engine = await engineWith(plan);
    for (const value of [1, 2]) {
      engine.arena.read(input).fill(value);
      engine.run(plan);
      expect([...engine.arena.read(output)]).toEqual(Array(4).fill(value));
    }
  });

  test("refuses a call that lacks an argument", async () => {
    const plan = new Plan(false);
    plan.call("relu", { y: plan.tensor([4]) } as never, { range: 4 });
    await expect(engineWith(plan)).rejects.toThrow(new Error("relu: no argument for x."));
  });

  test("gives random layers streams of their own, and one state to those without a seed", () => {
    const plan = new Plan(true);
    const draws = [plan.random(null), plan.random(3), plan.random(null), plan.random(3)];
    expect(draws.map(({ stream }) => stream)).toEqual([0, 1, 2, 3]);
    expect(draws[2].seed).toBe(draws[0].seed);
    expect(plan.randomStates.map(({ seed }) => seed)).toEqual([null, 3, 3]);
  });
});

describe("a small workspace", () => {
  test("holds the activations of inference one after the other", async () => {
    const deep = (depth: number) =>
      sequential([layers.dense(64, { inputShape: [64] }), ...Array.from({ length: depth }, () => layers.activation("tanh"))]);
    const memory = async (model: Sequential) => (await model.explain({ batchSize: 512, training: false })).memory;
    const [two, twenty] = [await memory(deep(2)), await memory(deep(20))];
    expect(twenty).toBe(two);
  });

  test("is shared by plans of every batch size", async () => {
    const model = convnet();
    model.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy" });
    const images = { data: uniform(64 * 36), shape: [64, 6, 6, 1] };
    const labels = new Uint8Array(64);
    await model.fit(images, labels, { batchSize: 64, ...quiet });
    const { memory } = await model.explain({ batchSize: 64 });
    for (const batchSize of [1, 2, 5, 17, 33]) await model.fit(images, labels, { batchSize, ...quiet });
    expect((await model.explain({ batchSize: 64 })).memory).toBe(memory);
  });
});

describe("plans that take turns", () => {
  test("over one memory, with every batch size, compute what float64 does", async () => {
    setSeed(2);
    const model = classifier({ dropout: 0.3 });
    for (let round = 0; round < 3; round++) {
      for (const batchSize of [24, 7, 3, 1]) {
        await model.fit(x, oneHot, { batchSize, ...quiet });
        const expected = forward(model, x).data;
        for (const predictSize of [1, 4, 5, 24]) {
          expect(distance((await model.predict(x, { batchSize: predictSize })).data, expected)).toBeLessThan(1e-6);
        }
      }
    }
  });

  test("more of them than are kept", async () => {
    const model = regression();
    const inputs = { data: uniform(4 * 80), shape: [80, 4] };
    const expected = forward(model, inputs).data;
    await model.ready();
    for (const pass of [1, 2]) {
      for (let n = 1; n <= 80; n += 2) {
        const part = { data: inputs.data.slice(0, 4 * n), shape: [n, 4] };
        expect(distance(model.predictOnBatch(part).data, expected.slice(0, n)), `${n} in pass ${pass}`).toBeLessThan(1e-6);
      }
    }
  });
});

describe("explain", () => {
  const nets: [string, () => Sequential][] = [
    ["dense", () => classifier({ dropout: 0.5 })],
    ["convolution", () => convnet(0.5)],
  ];

  test.each(nets)("of a %s net leaves no trace", async (_, make) => {
    const model = make();
    const inputs = {
      data: uniform(12 * model.inputShape!.slice(1).reduce<number>((a, b) => a * b!, 1), 3),
      shape: [12, ...model.inputShape!.slice(1)],
    };
    const labels = model.inputShape!.length === 2 ? { data: oneHot.data.slice(0, 36), shape: [12, 3] } : new Uint8Array(12);
    await model.fit(inputs as never, labels, { epochs: 2, ...quiet });
    const before = {
      weights: bits(model.getWeights()),
      state: model.getOptimizerState(),
      predictions: bits([model.predictSync(inputs as never)]),
    };
    for (const options of [{}, { batchSize: 12 }, { batchSize: 3, training: false }]) await model.explain(options);
    expect({
      weights: bits(model.getWeights()),
      state: model.getOptimizerState(),
      predictions: bits([model.predictSync(inputs as never)]),
    }).toEqual(before);
  });

  test("counts the operations of every product, forward and back", async () => {
    const model = regression();
    const flopsOf = async (options: object, owner: string) =>
      (await model.explain(options)).calls.filter(call => call.owner === owner).reduce((sum, { flops }) => sum + flops, 0);
    const [first, second] = model.layers.map(({ name }) => name);
    const batch = 24;
    expect(await flopsOf({ batchSize: batch, training: false }, first)).toBe(2 * batch * 4 * 8);
    expect(await flopsOf({ batchSize: batch, training: false }, second)).toBe(2 * batch * 8);
    // back: the gradient of the kernel, and behind the first layer that of the input
    expect(await flopsOf({ batchSize: batch }, first)).toBe(2 * (2 * batch * 4 * 8));
    expect(await flopsOf({ batchSize: batch }, second)).toBe(3 * (2 * batch * 8));

    const conv = sequential([layers.conv2d(6, [3, 2], { inputShape: [9, 8, 4], groups: 2, name: "conv" })]);
    const { calls } = await conv.explain({ batchSize: 5 });
    expect(calls.filter(({ owner }) => owner === "conv").reduce((sum, { flops }) => sum + flops, 0)).toBe(2 * 5 * 7 * 7 * (3 * 2 * 2) * 6);
  });

  test("names owners, kernels and sizes, and adds up", async () => {
    const model = classifier({ dropout: 0.5 });
    const explanation = await model.explain({ batchSize: 16 });
    const { calls, batchSize, memory } = explanation;
    expect(batchSize).toBe(16);
    expect(memory % 65536).toBe(0);
    const owners = [...model.layers.map(({ name }) => name), "categorical_crossentropy", "accuracy", "adam"];
    expect([...new Set(calls.map(({ owner }) => owner))].sort()).toEqual([...owners].sort());
    const kernels = calls.map(({ owner, kernel }) => `${owner} ${kernel}`);
    expect(kernels.at(-1)).toBe("adam adam");
    expect(kernels).toContain(`${model.layers[1].name} dropout`);
    expect(kernels).toContain("categorical_crossentropy softmaxCrossentropy");
    expect(calls.every(({ time }) => Number.isFinite(time) && time >= 0)).toBe(true);
    expect(calls.find(({ kernel }) => kernel === "softmax")!.sizes).toBe("range=16 n=3");

    const [head, columns, ...rows] = explanation.toString().split("\n");
    const total = calls.reduce((sum, { time }) => sum + time, 0);
    expect(head).toBe(`batch of 16, ${calls.length} calls, ${(total / 1000).toFixed(3)} ms`);
    expect(columns.split(/\s+/)).toEqual(["owner", "kernel", "MFLOP", "µs", "GFLOP/s", "share", "sizes"]);
    expect(rows).toHaveLength(calls.length);
    for (const [i, row] of rows.entries()) {
      const { owner, kernel, sizes, time } = calls[i];
      expect(row.split(/\s+/).slice(0, 2)).toEqual([owner, kernel]);
      expect(row.endsWith(sizes)).toBe(true);
      expect(row).toContain(`  ${time.toFixed(1)}  `);
    }
    const shares = rows.map(row => Number(/ (\d+)%/.exec(row)?.[1]));
    expect(Math.abs(shares.reduce((a, b) => a + b, 0) - 100)).toBeLessThanOrEqual(rows.length / 2);
  });

  test("explains training once compiled, inference before", async () => {
    const model = sequential([layers.dense(3, { inputShape: [4] })]);
    const kernels = async (options?: object) => (await model.explain(options)).calls.map(({ kernel }) => kernel);
    expect(await kernels()).toEqual(["packB", "squareSums", "gemm"]);
    expect(await kernels({ batchSize: 1 })).toEqual(["squareSums", "gemv"]);
    model.compile({ optimizer: "sgd", loss: "mse" });
    expect(await kernels({ training: false })).toEqual(["packB", "squareSums", "gemm"]);
    expect((await kernels()).at(-1)).toBe("sgd");
    expect((await kernels()).filter(kernel => kernel === "gemm")).toHaveLength(2);
  });

  test("works inside a callback", async () => {
    const runs = [];
    for (const isExplained of [false, true]) {
      setSeed(5);
      const model = regression();
      const explain = { onTrainBatchEnd: () => model.explain({ batchSize: 4 }) };
      await model.fit(x, values, { epochs: 2, batchSize: 10, callbacks: isExplained ? [explain] : [], ...quiet });
      runs.push(bits(model.getWeights()));
    }
    expect(runs[1]).toEqual(runs[0]);
  });
});
