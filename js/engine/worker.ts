// What runs in each worker: scripts/build.js makes one string of it, with what it imports. It gets models and programs as messages; when it
// is to work it learns from words in shared memory, without going back to the event loop.
import { ballastOf } from "./ballast.js";
import { CALL, CLAIM, claim, DONE, FAILED, handledBy, MOST_PARTS, POSTED, PROGRAM, waitWhile, wake } from "./control.js";
import { type Share, sharesOf, type Task } from "./program.js";

/** The first message. */
export interface Start {
  module: WebAssembly.Module;
  control: Int32Array;
  thread: number;
}

/** Every later message: a model, a program of a model, or one of both that is no longer needed. */
export type Message = { model: number; memory: WebAssembly.Memory } | { program: number; of: number; tasks: Task[] } | { drop: number };

interface Port {
  postMessage(message: unknown): void;
  addEventListener?(type: "message", listener: (event: { data: Message | Start }) => void): void;
  on?(type: "message", listener: (data: Message | Start) => void): void;
}

const port = (globalThis.process?.getBuiltinModule?.("node:worker_threads")?.parentPort ?? globalThis) as Port;
const models = new Map<number, WebAssembly.Exports>();
const ballast = new Map<number, ArrayBuffer>();
const programs = new Map<number, Share[]>();
let team: Start;
let handled = 0;
/** How often it looks for work before it goes to sleep: some 300 µs, more than there is between two steps of a training. */
const SPINS = 200_000;

function receive(message: Message | Start): void {
  if ("module" in message) {
    team = message;
    port.postMessage("ready");
  } else if ("memory" in message) {
    models.set(message.model, new WebAssembly.Instance(team.module, { env: { memory: message.memory } }).exports);
    ballast.set(message.model, ballastOf(message.memory));
  } else if ("tasks" in message) {
    programs.set(message.program, sharesOf(message.tasks, models.get(message.of)!, team.thread));
  } else {
    models.delete(message.drop);
    ballast.delete(message.drop);
    programs.delete(message.drop);
  }
  handled = (handled + 1) | 0;
  Atomics.store(team.control, handledBy(team.thread), handled);
  try {
    work(team.control);
  } catch (error) {
    Atomics.store(team.control, FAILED, 1);
    throw error;
  }
}

/** Takes parts of the calls that are opened, until there is a message. */
function work(control: Int32Array): void {
  for (;;) {
    const open = Atomics.load(control, CLAIM);
    if (Atomics.load(control, POSTED) !== handled) return;
    const left = open & MOST_PARTS;
    if (left === 0) {
      waitWhile(control, CLAIM, open, SPINS, Number.POSITIVE_INFINITY);
      continue;
    }
    // As long as parts are left, these words belong to the call that is open.
    const program = Atomics.load(control, PROGRAM);
    const call = Atomics.load(control, CALL);
    if (!claim(control, open)) continue;
    programs.get(program)![call].runPart(left - 1);
    Atomics.add(control, DONE, 1);
    wake(control, DONE);
  }
}

if (port.on) port.on("message", receive);
else port.addEventListener!("message", ({ data }) => receive(data));
