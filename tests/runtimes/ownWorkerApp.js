// A program whose model works in a worker that is a file of its own, for any bundler.
import { inWorker } from "wasmind/worker";
import { workerReport } from "./workerReport.js";

const worker = new Worker(new URL("./ownWorker.js", import.meta.url), { type: "module" });
globalThis.report = workerReport(model => inWorker(model, { worker }));
