// The entry `wasmind/worker`: models whose work is done in a worker, so that a page or a server stays free while they train.
export { type InWorkerOptions, inWorker, type Transfer, WorkerModel } from "./worker/inWorker.js";
export type { WorkerLike } from "./worker/messages.js";
export { type ServeOptions, serve } from "./worker/serve.js";
