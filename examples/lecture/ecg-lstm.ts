// Code snippet, LSTM for time series: one second of an electrocardiogram foretells the next 50 milliseconds, which takes knowing where in a beat it is.
import { type Layer, layers, optimizers, sequential, setSeed, tensor } from "wasmind";
import { expectAtMost, readEcg } from "./shared.js";

const recording = readEcg();
// 60 numbers a second are enough here
const ecg = Float32Array.from({ length: recording.length / 2 }, (_, i) => (recording[2 * i] + recording[2 * i + 1]) / 2);
const [steps, ahead] = [60, 3];

/** Windows of a stretch of the recording, and what comes after each. */
function windows(begin: number, end: number, stride = 10) {
  const count = Math.floor((end - begin - steps - ahead) / stride) + 1;
  const [x, y] = [new Float32Array(count * steps), new Float32Array(count * ahead)];
  for (let i = 0; i < count; i++) {
    const at = begin + i * stride;
    x.set(ecg.subarray(at, at + steps), i * steps);
    y.set(ecg.subarray(at + steps, at + steps + ahead), i * ahead);
  }
  return { x: tensor(x, [count, steps, 1]), y: tensor(y, [count, ahead]) };
}
// the last minute is for the test
const [train, test] = [windows(0, 14400), windows(14400, 18000)];

async function learn(chain: Layer[]): Promise<number> {
  const model = sequential(chain);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.005 }), loss: "mse" });
  model.summary();
  const { history } = await model.fit(train.x, train.y, { epochs: 30, validationData: [test.x, test.y], verbose: 0 });
  return history.val_loss.at(-1)!;
}

setSeed(1);
const constant =
  test.y.data.reduce((sum, value, i) => sum + (value - test.x.data[(Math.floor(i / ahead) + 1) * steps - 1]) ** 2, 0) / test.y.data.length;
const linear = await learn([layers.flatten({ inputShape: [steps, 1] }), layers.dense(ahead)]);
const lstm = await learn([layers.lstm(32, { inputShape: [steps, 1] }), layers.dense(ahead)]);
console.log(
  `mean squared error in mV², of "as it is now": ${constant.toFixed(4)}, of a linear model: ${linear.toFixed(4)}, of the LSTM: ${lstm.toFixed(4)}`,
);
expectAtMost("LSTM beside the linear model", lstm / linear, 0.7);
expectAtMost('LSTM beside "as it is now"', lstm / constant, 0.6);
