// Wasm cannot tell the processor to take subnormal numbers for 0, and they cost it a hundred times as long.
import { expect, test } from "vitest";
import type { Slot, View } from "../js/engine/memory.js";
import { layers, optimizers, sequential, setSeed, tensor } from "../js/index.js";
import { Network } from "../js/model/network.js";
import { BackwardStep } from "../js/model/step.js";

const isSubnormal = (value: number) => value !== 0 && Math.abs(value) < 2 ** -126;

const recurrent = {
  simpleRnn: () => layers.simpleRnn(8, { kernelInitializer: "ones" }),
  lstm: () => layers.lstm(8),
  gru: () => layers.gru(8),
};

test.each(Object.entries(recurrent))("gradients that vanish through time end as 0: %s", async (kind, make) => {
  setSeed(1);
  const steps = 300;
  const network = new Network([make()], [steps, 3]);
  await network.engine.ready();
  const step = new BackwardStep(network, 4, network.prepareTraining(optimizers.sgd()));
  const { engine } = network;
  const call = step.backward.find(({ kernel }) => kernel === `${kind}Grad`)!;
  const gates = (call.operands.z ?? call.operands.dz) as View | Slot;
  step.plan.keep("slot" in gates ? gates : { slot: gates, offset: 0, shape: [], needsGradient: false });
  engine.enter(step.plan);
  engine.arena.read(step.x).set(Float32Array.from({ length: 4 * steps * 3 }, (_, i) => Math.sin(i)));
  engine.run(step.plan, step.forward);
  engine.arena.read(step.dy).fill(1e-3);
  engine.run(step.plan, step.backward);
  const { address, bytes } = "slot" in gates ? gates.slot : gates;
  const values = Array.from(engine.arena.floats.subarray(address / 4, (address + bytes) / 4));
  expect(values.filter(isSubnormal)).toEqual([]);
  expect(values.filter(value => value === 0).length).toBeGreaterThan(values.length / 20);
  expect(values.filter(value => value !== 0).length).toBeGreaterThan(4 * 8);
});

test.each([
  ["categorical_crossentropy", "softmax", [1, 0, 0]],
  ["sparse_categorical_crossentropy", "softmax", 0],
  ["binary_crossentropy", "sigmoid", [1, 1, 1]],
])("what is learnt by heart leaves no subnormal gradients: %s", async (loss, activation, label) => {
  const model = sequential([layers.dense(3, { activation, kernelInitializer: "ones", inputShape: [1] })]);
  model.compile({ optimizer: "sgd", loss });
  await model.ready();
  const samples = 16;
  for (let far = 60; far < 110; far += 0.5) {
    // The gradients of the other classes are about e^-far.
    const bias = activation === "softmax" ? [far, 0, 0] : [far, far, far];
    model.setWeights([model.getWeights()[0], tensor(bias, [3])]);
    const { gradients, inputGradient } = model.gradients(new Array(samples).fill([1]), new Array(samples).fill(label) as number[], {
      inputGradient: true,
    });
    for (const { data } of [...Object.values(gradients), inputGradient!]) expect(Array.from(data).filter(isSubnormal)).toEqual([]);
  }
});
