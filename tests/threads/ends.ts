// Run by threads.test.ts: whatever its workers do, this process ends by itself.

import { worthSharing } from "../../js/engine/sharing.js";
import { engineInfo, setSeed, setThreads } from "../../js/index.js";
import { jobs } from "./nets.js";

const [, , how] = process.argv;
worthSharing.call = worthSharing.plan = 0;
setSeed(1);
const { model, x, y } = jobs.MLP();
if (how === "explicit") await setThreads(3);
await model.fit(x, y, { epochs: how === "at once" ? 1 : 30, verbose: 0 });
if (how === "synchronous") for (let i = 0; i < 2000; i++) model.trainOnBatch(x, y);
console.log(JSON.stringify(engineInfo()));
