// A small program as users write it, for the bundlers; its project has no h5wasm, which it does not need.
import { layers, optimizers, sequential } from "wasmind";

const report = (async () => {
  const model = sequential([layers.dense(8, { activation: "tanh", inputShape: [2] }), layers.dense(1, { activation: "sigmoid" })]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.05 }), loss: "binary_crossentropy" });
  // biome-ignore format: a table
  const x = [[0, 0], [0, 1], [1, 0], [1, 1]];
  await model.fit(x, [0, 1, 1, 0], { epochs: 400, verbose: 0 });
  const { data } = await model.predict(x);
  const answer = Array.from(data, Math.round).join();
  const { message } = await model.toKeras().catch(error => error);
  const failed = [];
  if (answer !== "0,1,1,0") failed.push(`XOR came out as ${answer}`);
  if (!/npm install h5wasm|compile WebAssembly/.test(message)) failed.push(`without h5wasm toKeras() says ${message}`);
  return { passed: 2 - failed.length, failed };
})();

globalThis.report = report;
export default { fetch: async () => Response.json(await report) };
