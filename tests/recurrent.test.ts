import { describe, expect, test } from "vitest";
import { Engine } from "../js/engine/engine.js";
import { Plan } from "../js/engine/plan.js";
import { activations, initializers, layers, loadModel, type Sequential, sequential, setSeed, type Tensor, tensor } from "../js/index.js";
import type { Layer } from "../js/layers/layer.js";

type Options = NonNullable<Parameters<typeof layers.gru>[1] & Parameters<typeof layers.lstm>[1]>;
type Make = (units: number, options?: Options) => Layer;

const cells: [string, Make][] = [
  ["simpleRnn", layers.simpleRnn as Make],
  ["lstm", layers.lstm as Make],
  ["gru", layers.gru as Make],
];

const range = (n: number) => Float32Array.from({ length: n }, (_, i) => i);
const wave = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(1 + i * i));

async function compiled(...chain: Layer[]): Promise<Sequential> {
  const model = sequential(chain);
  model.compile({ optimizer: { className: "SGD", config: { learningRate: 1 } }, loss: "mse" });
  return model.ready();
}

describe("Keras's own tests:", () => {
  const constants: Options = {
    kernelInitializer: initializers.constant({ value: 0.01 }),
    recurrentInitializer: initializers.constant({ value: 0.02 }),
    biasInitializer: initializers.constant({ value: 0.03 }),
  };
  const x = tensor(range(72), [3, 6, 4]);
  const short = tensor(range(24), [2, 3, 4]);

  test.each<[string, Layer, Tensor, number[]]>([
    ["lstm", layers.lstm(3, constants), x, [0.6288687, 0.86899155, 0.9460773]],
    ["lstm backwards", layers.lstm(3, { ...constants, goBackwards: true }), x, [0.35622165, 0.74789524, 0.8872726]],
    ["lstm, no forget bias", layers.lstm(3, { ...constants, unitForgetBias: false }), x, [0.57019705, 0.8661914, 0.9459622]],
    ["lstm, no bias", layers.lstm(3, { ...constants, useBias: false }), x, [0.54986924, 0.86226785, 0.9443936]],
    ["gru", layers.gru(3, constants), x, [0.5217289, 0.6371659, 0.39384964]],
    ["gru backwards", layers.gru(3, { ...constants, goBackwards: true }), x, [0.24406259, 0.611516, 0.3928808]],
    ["gru, reset before", layers.gru(3, { ...constants, resetAfter: false }), x, [0.51447755, 0.6426879, 0.40208298]],
    ["gru, no bias", layers.gru(3, { ...constants, useBias: false }), x, [0.49988455, 0.64701194, 0.4103359]],
    ["simpleRnn", layers.simpleRnn(4, constants), short, [0.405432, 0.73605347]],
    ["simpleRnn backwards", layers.simpleRnn(4, { ...constants, goBackwards: true }), short, [0.11144729, 0.5528889]],
  ])("%s", async (_, layer, input, expected) => {
    const model = await compiled(layers.input({ shape: input.shape.slice(1) }), layer);
    const { data, shape } = await model.predict(input);
    const units = shape[1];
    data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[Math.floor(i / units)], 6);
    });
  });

  test("lstm, stateful, the second time", async () => {
    const model = await compiled(layers.lstm(4, { ...constants, stateful: true, inputShape: [3, 4] }));
    await model.predict(short);
    const { data } = await model.predict(short);
    data.forEach((value, i) => {
      expect(value).toBeCloseTo([0.3124785, 0.6863672][Math.floor(i / 4)], 6);
    });
  });
});

describe.each(cells)("%s", (_, make) => {
  test("that is stateful goes on where the same row of the batch before ended", async () => {
    setSeed(2);
    const [features, units, batch] = [2, 5, 3];
    const x = wave(batch * 8 * features);
    const half = (which: number) => {
      const steps = Array.from({ length: batch }, (_, b) =>
        Array.from(x.subarray((b * 8 + which * 4) * features, (b * 8 + which * 4 + 4) * features)),
      );
      return tensor(Float32Array.from(steps.flat()), [batch, 4, features]);
    };
    const whole = await compiled(make(units, { inputShape: [8, features] }));
    const stateful = await compiled(make(units, { inputShape: [4, features], stateful: true }));
    stateful.setWeights(whole.getWeights());
    const expected = whole.predictSync(tensor(x, [batch, 8, features])).data;
    const first = stateful.predictSync(half(0)).data;
    expect(stateful.predictSync(half(1)).data).toEqual(expected);
    expect(stateful.predictSync(half(0)).data).not.toEqual(first);
    stateful.resetStates();
    stateful.testOnBatch(half(0), new Float32Array(batch * units)); // all plans go on from one state
    await stateful.explain({ batchSize: batch });
    expect(stateful.predictSync(half(1)).data).toEqual(expected);
    expect(() => stateful.predictSync(tensor(x.subarray(0, 8), [1, 4, 2]))).toThrow(
      /it is stateful and holds the state of a batch of 3, got a batch of 1/,
    );
  });

  test("computes with no subnormal numbers where states and gradients fade", async () => {
    const [steps, units] = [400, 8];
    const layer = make(units, { activation: "linear", useBias: false, returnSequences: true });
    layer.ensureBuilt([steps, 1]);
    const engine = new Engine();
    for (const { view } of layer.weights) engine.arena.place(view.slot);
    for (const [i, { view }] of layer.weights.entries()) engine.arena.read(view).fill(i === 0 ? 1 : 0.02);
    const plan = new Plan(true);
    const x = plan.input([1, steps, 1]);
    x.needsGradient = true;
    const { y, backward } = layer.record(plan, x);
    const dy = plan.input([1, steps, units]);
    const all = [plan.keep(y), plan.keep(backward(dy)!)];
    await engine.ready();
    engine.enter(plan);
    engine.arena.read(x).fill(0)[0] = 1;
    engine.arena
      .read(dy)
      .fill(0)
      .fill(1, (steps - 1) * units);
    engine.run(plan);
    for (const [i, view] of all.entries()) {
      const sizes = Array.from(engine.arena.read(view), Math.abs);
      expect(sizes.some(size => size > 0)).toBe(true);
      expect(sizes[i === 0 ? sizes.length - 1 : 0]).toBe(0);
      expect(sizes.filter(size => size > 0 && size < 2 ** -126)).toEqual([]);
    }
  });

  test("hands its mask on with sequences alone", () => {
    for (const returnSequences of [true, false]) {
      const layer = make(2, { returnSequences });
      layer.ensureBuilt([3, 2]);
      const plan = new Plan(false);
      const x = plan.input([4, 3, 2]);
      x.mask = plan.input([4, 3]);
      expect(layer.apply(plan, x).y.mask).toBe(returnSequences ? x.mask : undefined);
    }
  });

  test("gives a sample the same bits in any batch", async () => {
    setSeed(4);
    const model = await compiled(make(6, { inputShape: [4, 3], returnSequences: true }));
    const x = wave(5 * 12);
    const together = model.predictSync(tensor(x, [5, 4, 3])).data;
    const alone = Array.from({ length: 5 }, (_, i) =>
      Array.from(model.predictSync(tensor(x.subarray(12 * i, 12 * i + 12), [1, 4, 3])).data),
    );
    expect(Array.from(together)).toEqual(alone.flat());
  });

  test("in a file keeps every option", async () => {
    const options: Options = {
      activation: activations.leakyRelu({ negativeSlope: 0.25 }),
      recurrentInitializer: initializers.orthogonal({ gain: 0.5, seed: 3 }),
      recurrentRegularizer: "l2",
      dropout: 0.25,
      recurrentDropout: 0.5,
      returnSequences: true,
      goBackwards: true,
      zeroOutputForMask: true,
      seed: 11,
    };
    const model = await compiled(make(3, { ...options, inputShape: [4, 2] }), make(9, { stateful: true }));
    model.trainOnBatch(tensor(wave(16), [2, 4, 2]), new Float32Array(18));
    const again = await loadModel(model.toSafetensors());
    expect(again.getConfig()).toEqual(model.getConfig());
    expect(again.layers[0].namedWeights.map(([path]) => path.split("/")[1])).toEqual(["kernel", "recurrent_kernel", "bias"]);
    model.resetStates();
    const x = tensor(wave(24), [3, 4, 2]);
    expect((await again.predict(x)).data).toEqual((await model.predict(x)).data);
  });

  test.each<[string, Options]>([
    ["inputs", { dropout: 0.5 }],
    ["states", { recurrentDropout: 0.5 }],
    ["both", { dropout: 0.3, recurrentDropout: 0.4, returnSequences: true, goBackwards: true }],
    ["both, reset before", { dropout: 0.3, recurrentDropout: 0.4, resetAfter: false }],
  ])("with %s dropped has the gradient of what it drops", async (_, { resetAfter, ...rest }) => {
    const options: Options = make === (layers.gru as Make) ? { ...rest, resetAfter } : rest;
    const [batch, steps, features, units] = [4, 5, 3, 6];
    const x = tensor(wave(batch * steps * features), [batch, steps, features]);
    const y = wave(batch * (options.returnSequences ? steps : 1) * units);
    /** loss and negative gradients of the first step: the same draws each time */
    const first = async (change: (weights: Tensor[]) => void) => {
      setSeed(6);
      const model = await compiled(layers.dense(features, { inputShape: [steps, features] }), make(units, { ...options, seed: 9 }));
      const before = model.getWeights();
      change(before);
      model.setWeights(before);
      const { loss } = model.trainOnBatch(x, y);
      return { loss, moved: model.getWeights().map(({ data }, i) => data.map((w, j) => w - before[i].data[j])) };
    };
    const { moved } = await first(() => {});
    for (const i of moved.keys()) {
      const direction = wave(moved[i].length);
      const along = async (h: number) => {
        const { loss } = await first(weights => {
          weights[i].data = weights[i].data.map((w, j) => w + h * direction[j]);
        });
        return loss;
      };
      const slope = -moved[i].reduce((sum, d, j) => sum + d * direction[j], 0);
      const size = moved[i].reduce((sum, d, j) => sum + Math.abs(d * direction[j]), 0);
      const difference = ((await along(0.01)) - (await along(-0.01))) / 0.02;
      expect(Math.abs(slope - difference), `weight ${i}: ${slope} and ${difference}`).toBeLessThan(0.01 * size + 1e-4);
    }
  });

  test("drops the same share of features at all steps, anew for each batch and sample, in training alone", async () => {
    setSeed(8);
    const [batch, steps, features] = [64, 2, 50];
    // y = Σ of the kept features over the steps, for h' = x · 1 + h · 1
    const plain: Options = { activation: "linear", useBias: false, kernelInitializer: "ones", recurrentInitializer: "ones" };
    if (make !== (layers.simpleRnn as Make)) return;
    const model = await compiled(make(1, { ...plain, dropout: 0.2, inputShape: [steps, features] }));
    const ones = tensor(new Float32Array(batch * steps * features).fill(1), [batch, steps, features]);
    expect(new Set(model.predictSync(ones).data)).toEqual(new Set([steps * features]));
    // of y = 0 the gradient of feature k is 2 · mean over the batch of (kept, scaled) steps · (all that is kept)
    const gradients = [0, 1].map(() => {
      model.setWeights([tensor(new Float32Array(features), [features, 1]), tensor([1], [1, 1])]);
      model.trainOnBatch(ones, new Float32Array(batch).fill(1));
      return Array.from(model.getWeights()[0].data, d => (d * batch * 0.8) / (2 * steps));
    });
    for (const kept of gradients) {
      for (const count of kept) expect(Math.abs(count - Math.round(count))).toBeLessThan(1e-3);
      const mean = kept.reduce((sum, count) => sum + count, 0) / (batch * features);
      expect(Math.abs(mean - 0.8)).toBeLessThan(4 * Math.sqrt((0.2 * 0.8) / (batch * features)));
      const variance = kept.reduce((sum, count) => sum + (count - 0.8 * batch) ** 2, 0) / features;
      expect(variance / (batch * 0.16)).toBeGreaterThan(0.4);
      expect(variance / (batch * 0.16)).toBeLessThan(2);
    }
    expect(gradients[0]).not.toEqual(gradients[1]);
  });

  test("says what it cannot do", () => {
    const name = "mine";
    expect(() => make(2, { name, activation: "gelu" })).toThrow(
      'mine: activation "gelu" is not possible in a recurrent layer. Possible: linear, relu, leaky_relu, relu6, hard_tanh, hard_sigmoid, sparse_sigmoid, sigmoid, elu, selu, tanh, softsign.',
    );
    expect(() => make(2, { name, activation: activations.relu({ maxValue: 3 }) })).toThrow(/activation "relu" is not possible/);
    expect(() => make(0, { name })).toThrow("mine: units must be a positive integer, got 0.");
    expect(() => make(2, { name, dropout: 1 })).toThrow("mine: dropout must be a number from 0 to below 1, got 1.");
    expect(() => make(2, { name, recurrentDropout: -0.1 })).toThrow("mine: recurrentDropout must be a number from 0 to below 1, got -0.1.");
    expect(() => make(2, { name, stateful: 1 as never })).toThrow("mine: stateful must be true or false, got 1.");
    expect(() => make(2, { name, unroll: 2 as never })).toThrow("mine: unroll must be true or false, got 2.");
    expect(() => make(2, { name, returnState: true } as never)).toThrow('mine: unknown option "returnState".');
    expect(() => sequential([make(2, { name, inputShape: [3] })])).toThrow(
      "mine: expected input of shape (None, steps, features), got (None, 3).",
    );
  });
});

test("an lstm's forget gate begins with a bias of 1", async () => {
  const model = await compiled(layers.lstm(2, { inputShape: [1, 1], biasInitializer: initializers.constant({ value: 0.5 }) }));
  expect([...model.getWeights()[2].data]).toEqual([0.5, 0.5, 1, 1, 0.5, 0.5, 0.5, 0.5]);
});

test("states are left out by their rate, the same units at all steps, and the rest makes up for it", async () => {
  setSeed(6);
  const [batch, steps, units, rate] = [64, 3, 512, 0.3];
  const one = { kernelInitializer: "zeros", recurrentInitializer: "identity", biasInitializer: "ones", activation: "linear" } as const;
  const model = await compiled(layers.simpleRnn(units, { ...one, recurrentDropout: rate, inputShape: [steps, 1] }));
  const x = tensor(new Float32Array(batch * steps), [batch, steps, 1]);
  expect(new Set(model.predictSync(x).data)).toEqual(new Set([steps]));
  // h' = h · (0 or 1 / 0.7) + 1, three times
  const all = 1 + (1 + 1 / (1 - rate)) / (1 - rate);
  const draws = [0, 1].map(() => Array.from(model.forward(x).data));
  for (const y of draws) {
    expect(y.every(value => value === 1 || Math.abs(value - all) < 1e-5)).toBe(true);
    const kept = y.filter(value => value !== 1).length / y.length;
    expect(Math.abs(kept - (1 - rate))).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / y.length));
  }
  model.trainOnBatch(x, new Float32Array(batch * units).fill(1));
  expect(Array.from(model.forward(x).data)).not.toEqual(draws[0]);
});

test("gates of a recurrent layer take the same activations", () => {
  for (const make of [layers.lstm, layers.gru]) {
    expect(() => make(2, { name: "mine", recurrentActivation: "softmax" })).toThrow('mine: recurrentActivation "softmax" is not possible');
  }
});

test("each gate has states and inputs of its own left out where states are", async () => {
  setSeed(3);
  const plain = { kernelInitializer: "zeros", recurrentInitializer: "zeros", useBias: false, recurrentDropout: 0.5, inputShape: [1, 400] };
  const model = await compiled(
    layers.lstm(1, { ...plain, dropout: 0.5, activation: "linear", recurrentActivation: "linear", useBias: true }),
  );
  // With x = 1 and biases of 1 each kernel's gradient shows what its gate was given
  const weights = model.getWeights();
  weights[2].data.fill(1);
  model.setWeights(weights);
  model.trainOnBatch(tensor(new Float32Array(400).fill(1), [1, 1, 400]), [[0]]);
  const moved = model.getWeights()[0].data;
  const kept = [0, 2, 3].map(gate => Array.from({ length: 400 }, (_, i) => moved[4 * i + gate] !== 0)); // f multiplies a state of 0
  for (const one of kept) expect(Math.abs(one.filter(Boolean).length - 200)).toBeLessThan(50);
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ]) {
    expect(Math.abs(kept[a].filter((keep, i) => keep === kept[b][i]).length - 200)).toBeLessThan(50);
  }
});

describe("bidirectional", () => {
  const both = (options: object, layer: Layer = layers.lstm(2)) => layers.bidirectional(layer, { name: "both", ...options });

  test("has the weights of both directions, forward first, under Keras's names", async () => {
    const model = await compiled(layers.bidirectional(layers.gru(3, { name: "g" }), { name: "both", inputShape: [4, 2] }));
    expect(model.layers[0].namedWeights.map(([path]) => path)).toEqual([
      "both/forward_g/kernel",
      "both/forward_g/recurrent_kernel",
      "both/forward_g/bias",
      "both/backward_g/kernel",
      "both/backward_g/recurrent_kernel",
      "both/backward_g/bias",
    ]);
  });

  test("in a file keeps every option", async () => {
    const forward = layers.lstm(3, { returnSequences: true, dropout: 0.25, seed: 4 });
    const backward = layers.gru(3, { returnSequences: true, goBackwards: true, resetAfter: false });
    const model = await compiled(
      layers.bidirectional(forward, { mergeMode: "mul", backwardLayer: backward, inputShape: [4, 2] }),
      layers.bidirectional(layers.simpleRnn(2, { stateful: true })),
    );
    model.trainOnBatch(tensor(wave(16), [2, 4, 2]), new Float32Array(8));
    const again = await loadModel(model.toSafetensors());
    expect(again.getConfig()).toEqual(model.getConfig());
    model.resetStates();
    const x = tensor(wave(24), [3, 4, 2]);
    expect((await again.predict(x)).data).toEqual((await model.predict(x)).data);
  });

  test("joins two directions of different widths", async () => {
    const model = await compiled(
      layers.bidirectional(layers.lstm(2), { backwardLayer: layers.gru(5, { goBackwards: true }), inputShape: [3, 2] }),
    );
    expect(model.outputShape).toEqual([null, 7]);
  });

  test("that is stateful carries two states on, until they are reset", async () => {
    const model = await compiled(layers.bidirectional(layers.gru(2, { stateful: true }), { inputShape: [3, 2] }));
    const x = tensor(wave(12), [2, 3, 2]);
    const first = model.predictSync(x).data;
    const second = model.predictSync(x).data;
    for (const half of [0, 2]) expect(second.subarray(half, half + 2)).not.toEqual(first.subarray(half, half + 2));
    model.resetStates();
    expect(model.predictSync(x).data).toEqual(first);
  });

  test("says what it cannot do", () => {
    expect(() => both({ mergeMode: null })).toThrow(
      'both: mergeMode null leaves two outputs, but a layer of a sequential model has one. "concat" keeps both in it.',
    );
    expect(() => both({ mergeMode: "max" })).toThrow('both: mergeMode must be "concat" or "sum" or "mul" or "ave", got "max".');
    expect(() => both({}, layers.dense(2))).toThrow("both: layer must be a recurrent layer such as layers.lstm(8), got a Dense.");
    expect(() => both({ backwardLayer: "lstm" })).toThrow(
      'both: backwardLayer must be a recurrent layer such as layers.lstm(8), got "lstm".',
    );
    expect(() => both({ backwardLayer: layers.gru(2) })).toThrow(
      "both: one of layer and backwardLayer must have goBackwards: true, the other not, got false for both.",
    );
    expect(() => both({ backwardLayer: layers.gru(2, { goBackwards: true, returnSequences: true }) })).toThrow(
      "both: layer and backwardLayer must have the same returnSequences, got false and true.",
    );
    expect(() => both({ mergeMode: "sum", backwardLayer: layers.gru(3, { goBackwards: true }) })).toThrow(
      'both: mergeMode "sum" needs as many units both ways, got 2 and 3. "concat" does not.',
    );
  });
});
