import { expect, test } from "vitest";
import { type ArrayLikeData, layers, loadModel, sequential, type Tensor } from "../js/index.js";
import { inference } from "../js/inference.js";
import { uniform } from "./kernels/data.js";

const chain = () => [
  layers.conv2d(4, 3, { activation: "relu", inputShape: [8, 8, 1], name: "conv" }),
  layers.maxPooling2d(2, { name: "pool" }),
  layers.flatten({ name: "flat" }),
  layers.dropout(0.5, { name: "drop" }),
  layers.dense(3, { activation: "softmax", name: "top" }),
];
const x: Tensor = { data: uniform(20 * 64), shape: [20, 8, 8, 1] };

test("predicts the same bits as the model that its weights come from, in one go and batch by batch", async () => {
  const trained = sequential(chain());
  trained.compile({ optimizer: "adam", loss: "sparse_categorical_crossentropy" });
  await trained.fit(
    x,
    Float32Array.from({ length: 20 }, (_, i) => i % 3),
    { epochs: 2, verbose: 0 },
  );
  const file = trained.toSafetensors();
  const model = await inference(chain()).loadWeights(file);
  const expected = await (await loadModel(file)).predict(x);
  expect(await model.predict(x)).toEqual(expected);
  expect(model.predictSync(x, { batchSize: 7 })).toEqual(await trained.predict(x, { batchSize: 7 }));
  expect(await inference(chain()).setWeights(trained.getWeights()).predict(x)).toEqual(expected);
});

test("refuses what does not fit, and keeps its weights", async () => {
  const model = inference(chain());
  const before = await model.predict(x);
  const other = sequential([layers.dense(3, { inputShape: [2], name: "top" })]);
  await expect(model.loadWeights(other.toSafetensors())).rejects.toThrow(
    /^loadWeights: conv\/kernel: expected a tensor of shape \(3, 3, 1, 4\)/,
  );
  expect(() => model.setWeights([])).toThrow(/^setWeights: expected \d+ tensors, got 0/);
  expect(() => inference([layers.dense(3)])).toThrow(/^inference: the first layer needs an inputShape/);
  expect(() => inference([])).toThrow(/inputShape/);
  await expect(model.predict({ data: x.data, shape: [20, 64] })).rejects.toThrow(/^predict: x: expected shape \(None, 8, 8, 1\)/);
  await expect(model.predict(x.data.subarray(0, 0) as ArrayLikeData)).rejects.toThrow(/^predict: x holds no samples/);
  await expect(model.predict(x, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  expect(() => inference(chain()).predictSync(x)).toThrow(/ready\(\)/);
  expect(await model.predict(x)).toEqual(before);
});
