import { defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { layersOf, type Net, type Values, withoutDropout } from "../nets.js";
import { channelsFirst, weightsChannelsFirst } from "./channelsFirst.js";
import type { Peer, Product, Task, Training } from "./peer.js";

await init("wasm");
defaultDevice("wasm");

/** jax-js on its WebAssembly backend; Node gives it no workers, so it runs on one thread. An array is consumed by its use, `ref` keeps it. */
export const jaxjs: Peer = {
  name: "jax-js",

  async product({ m, n, k, transposeA, transposeB, ...data }: Product): Promise<Task> {
    const a = np.array(data.a, { shape: transposeA ? [k, m] : [m, k] });
    const b = np.array(data.b, { shape: transposeB ? [n, k] : [k, n] });
    const multiply = jit((a: np.Array, b: np.Array) => np.matmul(transposeA ? a.transpose() : a, transposeB ? b.transpose() : b));
    return {
      work: async () => (await multiply(a.ref, b.ref).blockUntilReady()).dispose(),
      result: async () => (await multiply(a.ref, b.ref).data()) as Float32Array,
      dispose: () => [a, b, multiply].forEach(held => void held.dispose()),
    };
  },

  /** Without dropout: it would draw a mask again for every product that reads it, and take twice as long. */
  nearest(net: Net) {
    const bare = withoutDropout(net);
    return { net: bare, remark: bare.layers.length < net.layers.length ? "without dropout" : "" };
  },

  async training(net: Net, batch: { x: Values; y: Values }): Promise<Training> {
    if (net.layers.some(({ type }) => type === "lstm"))
      throw new Error("it has no loop such as JAX's scan; every step would be compiled anew");
    const x = arrayOf(channelsFirst(batch.x));
    const y = arrayOf(batch.y);
    const step = jit(adamStep(net));
    let weights = weightsChannelsFirst(net).map(arrayOf);
    let m = weights.map(w => np.zeros(w.shape));
    let v = weights.map(w => np.zeros(w.shape));
    let t = 0;
    return {
      async step() {
        const scale = Math.sqrt(1 - BETA2 ** ++t) / (1 - BETA1 ** t);
        const [loss, ...state] = step(weights, m, v, np.array([net.optimizer.learningRate * scale]), x.ref, y.ref);
        [weights, m, v] = state;
        return Number((await loss.data())[0]);
      },
      dispose: () => [x, y, ...weights, ...m, ...v, step].forEach(held => void held.dispose()),
    };
  },
};

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-7;

/** Forward, loss, backward and Adam as one function of arrays, all of which it consumes. */
function adamStep(net: Net) {
  const loss = (weights: np.Array[], x: np.Array, y: np.Array) =>
    nn
      .logSoftmax(logits(net, weights, x))
      .mul(y)
      .sum(1)
      .mean()
      .neg();
  type State = [weights: np.Array[], m: np.Array[], v: np.Array[]];
  return (...[weights, m, v, rate, x, y]: [...State, np.Array, np.Array, np.Array]): [np.Array, ...State] => {
    const kept = weights.map(w => w.ref);
    const [value, gradients] = valueAndGrad(loss)(kept, x, y);
    const m1 = m.map((m, i) => m.mul(BETA1).add(gradients[i].ref.mul(1 - BETA1)));
    const v1 = v.map((v, i) => v.mul(BETA2).add(np.square(gradients[i]).mul(1 - BETA2)));
    const updated = weights.map((w, i) => w.sub(m1[i].ref.mul(rate.ref).div(np.sqrt(v1[i].ref).add(EPSILON))));
    rate.dispose();
    return [value, updated, m1, v1];
  };
}

/** The net without its last softmax, on images with channels first. */
function logits(net: Net, weights: np.Array[], x: np.Array): np.Array {
  let next = 0;
  for (const { layer } of layersOf(net)) {
    switch (layer.type) {
      case "dense":
        x = np.matmul(x, weights[next++]).add(weights[next++]);
        break;
      case "conv2d":
        x = lax.conv(x, weights[next++], [1, 1], "VALID").add(weights[next++].reshape([layer.filters, 1, 1]));
        break;
      case "maxPooling2d": {
        const window = [1, 1, layer.poolSize, layer.poolSize];
        x = lax.reduceWindow(x, values => np.max(values), window, window);
        break;
      }
      case "flatten":
        x = x.reshape([x.shape[0], -1]);
        break;
    }
    if ("activation" in layer && layer.activation === "relu") x = nn.relu(x);
  }
  return x;
}

const arrayOf = ({ data, shape }: Values) => np.array(data, { shape });
