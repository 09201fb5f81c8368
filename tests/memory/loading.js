// How much memory a model of 100 MB takes while it is loaded: node --expose-gc loading.js FILE. Says how often it holds the weights at most.
import { loadModel } from "../../dist/index.js";

const [file] = process.argv.slice(2);
const small = await import("../../dist/index.js").then(({ layers, sequential }) => sequential([layers.dense(2, { inputShape: [2] })]));
await small.predict([[1, 2]]);
globalThis.gc();
const before = process.memoryUsage.rss();
const model = await loadModel(file);
// what the process took at its worst, while it ran
const most = process.resourceUsage().maxRSS * 1024 - before;
console.log(JSON.stringify({ copies: most / (4 * model.countParams()), weights: 4 * model.countParams() }));
