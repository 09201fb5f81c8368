import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { layersOf, type Net, type Values, weightsOf } from "../nets.js";
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
    return { ...taskOf(() => multiply(a.ref, b.ref)), dispose: () => [a, b, multiply].forEach(held => void held.dispose()) };
  },

  async training(net: Net, batch: { x: Values; y: Values }): Promise<Training> {
    const x = arrayOf(batch.x);
    const y = arrayOf(batch.y);
    const step = jit(adamStep(net));
    let weights = weightsOf(net).map(arrayOf);
    let m = weights.map(w => np.zeros(w.shape));
    let v = weights.map(w => np.zeros(w.shape));
    let t = 0;
    return {
      async step() {
        const scale = Math.sqrt(1 - BETA2 ** ++t) / (1 - BETA1 ** t);
        const [loss, ...state] = step(weights, m, v, np.array([RATE * scale]), x.ref, y.ref);
        [weights, m, v] = state;
        return Number((await loss.data())[0]);
      },
    };
  },

  async inference(net: Net, values: Values): Promise<Task> {
    const weights = weightsOf(net).map(arrayOf);
    const x = arrayOf(values);
    const predict = jit((weights: np.Array[], x: np.Array) => nn.softmax(logits(net, weights, x)));
    return taskOf(() =>
      predict(
        weights.map(w => w.ref),
        x.ref,
      ),
    );
  },
};

const RATE = 0.001;
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-7;

/** Forward, loss, backward and Adam as one function of arrays, all of which it consumes. */
function adamStep(net: Net) {
  const loss = (weights: np.Array[], x: np.Array, y: np.Array) => {
    const logProbabilities = nn.logSoftmax(logits(net, weights, x));
    return logProbabilities.mul(y).sum(1).mean().neg();
  };
  return (
    weights: np.Array[],
    m: np.Array[],
    v: np.Array[],
    rate: np.Array,
    x: np.Array,
    y: np.Array,
  ): [np.Array, np.Array[], np.Array[], np.Array[]] => {
    const [value, gradients] = valueAndGrad(loss)(
      weights.map(w => w.ref),
      x,
      y,
    );
    const m1 = m.map((m, i) => m.mul(BETA1).add(gradients[i].ref.mul(1 - BETA1)));
    const v1 = v.map((v, i) => v.mul(BETA2).add(np.square(gradients[i]).mul(1 - BETA2)));
    const updated = weights.map((w, i) => w.sub(m1[i].ref.mul(rate.ref).div(np.sqrt(v1[i].ref).add(EPSILON))));
    rate.dispose();
    return [value, updated, m1, v1];
  };
}

function logits(net: Net, weights: np.Array[], x: np.Array): np.Array {
  let i = 0;
  for (const { layer } of layersOf(net)) {
    if (layer.type !== "dense") throw new Error(`its ${layer.type} is not written here`);
    x = np.matmul(x, weights[i++]).add(weights[i++]);
    if (layer.activation === "relu") x = nn.relu(x);
  }
  return x;
}

function taskOf(compute: () => np.Array): Task {
  return {
    async work() {
      const y = compute();
      await y.blockUntilReady();
      y.dispose();
    },
    result: async () => (await compute().data()) as Float32Array,
  };
}

const arrayOf = ({ data, shape }: Values) => np.array(data, { shape });
