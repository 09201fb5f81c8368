// A program whose model works in the package's own worker, for bundlers that find it.
import { inWorker } from "wasmind/worker";
import { workerReport } from "./workerReport.js";

globalThis.report = workerReport(inWorker);
