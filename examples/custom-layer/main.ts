// A layer of one's own, made of existing kernels, learns two spirals: npx tsx examples/custom-layer/main.ts
import { run } from "./spirals.js";

const { model, again, x, y } = await run();
model.summary();
console.log("trained:", await model.evaluate(x, y, { verbose: 0 }));
console.log("loaded: ", await again.evaluate(x, y, { verbose: 0 }));
