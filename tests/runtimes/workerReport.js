// What a bundled program must do with a worker and with threads, in an isolated page.
import { engineInfo, layers, sequential, setThreads } from "wasmind";

export async function workerReport(start) {
  const failed = [];
  const expect = (holds, message) => holds || failed.push(message);
  const model = sequential([layers.dense(4, { activation: "relu", inputShape: [3] }), layers.dense(1)]);
  model.compile({ optimizer: "sgd", loss: "mse" });
  const x = { data: Float32Array.from({ length: 96 }, (_, i) => Math.sin(i)), shape: [32, 3] };
  const remote = await start(model);
  const { history } = await remote.fit(x, new Float32Array(32), { epochs: 20, verbose: 0 });
  expect(history.loss.at(-1) < history.loss[0], `the loss went from ${history.loss[0]} to ${history.loss.at(-1)}`);
  const [here, there] = [await model.predict(x), await remote.predict(x)];
  expect(String(here.data) === String(there.data), "the worker predicts otherwise");
  remote.terminate();
  const { threads, reasons } = await setThreads(2);
  expect(threads === 2, `${threads} threads: ${reasons}`);
  const { build } = engineInfo();
  return { build, threads, passed: 3 - failed.length, failed };
}
