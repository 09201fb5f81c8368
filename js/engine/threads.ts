import type { Build } from "#kernels";
import { readOptions, show } from "../options.js";
import { compileShared, runningBuild } from "./builds.js";
import { isNodeWorker } from "./spawn.js";
import { Team } from "./team.js";

/** What the kernels run on here. */
export interface EngineInfo {
  /** which build of the kernels was chosen; "given" after `initEngine` got a module */
  build: Build | "given";
  /** how many threads large models run on now */
  threads: number;
  /** why the engine is not faster here, one reason a line; empty when nothing is missing */
  reasons: string[];
}

/** How threads are started. */
export interface ThreadOptions {
  /** in pages whose Content-Security-Policy forbids blob: workers: where the application serves wasmind's `dist/thread.js` */
  workerUrl?: string | URL | null;
  /** milliseconds that workers have to start; default 10,000 */
  timeout?: number;
}

const SLOWER: Partial<Record<Build | "given", string[]>> = {
  simd: ["This runtime has no relaxed SIMD."],
  js: ["The kernels are JavaScript, for hosts without WebAssembly."],
};

/** More do not help models of this kind, and the waiting for each other grows. */
const MOST_AUTOMATIC = 8;
const MOST = 64;
/** Below this a Lambda has less than one core, though it shows two. */
const LAMBDA_MIB_OF_A_CORE = 1769;

let wanted: number | "auto" = "auto";
let options: Required<ThreadOptions> = { workerUrl: null, timeout: 10_000 };
let team: Team | null = null;
let reasons: string[] = [];
/** of the last start: what comes of an earlier one is not wanted any more */
let start: Promise<void> | null = null;

/**
 * How many threads large models run on; results are the same bits for any number. Without a call it is "auto", and workers start when the first
 * model needs them: as many threads as there are cores, 8 at most, for what turns out to be faster so. Small models always run on one.
 * @param threads from 1 to 64, or "auto"
 * @returns what came of it: where workers cannot start, everything goes on with one thread, and `reasons` says why
 */
export async function setThreads(threads: number | "auto", given: ThreadOptions = {}): Promise<EngineInfo> {
  if (threads !== "auto" && !(Number.isInteger(threads) && threads >= 1 && threads <= MOST)) {
    throw new Error(`setThreads: expected a whole number from 1 to ${MOST} or "auto", got ${show(threads)}.`);
  }
  const all = readOptions("setThreads", given, { workerUrl: null, timeout: 10_000 } as Required<ThreadOptions>);
  if (!(typeof all.timeout === "number" && all.timeout > 0)) {
    throw new Error(`setThreads: timeout must be a number of milliseconds above 0, got ${show(all.timeout)}.`);
  }
  if (all.workerUrl !== null && typeof all.workerUrl !== "string" && !(all.workerUrl instanceof URL)) {
    throw new Error(`setThreads: workerUrl must be a string or URL, got ${show(all.workerUrl)}.`);
  }
  wanted = threads;
  options = all;
  await startTeam(true);
  return engineInfo();
}

/** Which build runs here, and on how many threads. */
export function engineInfo(): EngineInfo {
  const build = runningBuild();
  const ofBuild = SLOWER[build] ?? [];
  const pending = start || wanted === 1 || build === "js" ? [] : ["Threads start with the first model that is large enough for them."];
  return { build, threads: team?.threads ?? 1, reasons: [...ofBuild, ...pending, ...reasons] };
}

/** The threads that are ready to help a large model, if any. The first who asks starts them, and need not wait. */
export function readyTeam(): Team | null {
  if (!start && wanted !== 1) void startTeam(false);
  return team;
}

/** Ends a team that did not do its work. From now on there is one thread. */
export function disband(broken: Team, reason: string): void {
  broken.stop();
  if (team !== broken) return;
  team = null;
  reasons = [reason];
}

function startTeam(keepsAlive: boolean): Promise<void> {
  team?.stop();
  team = null;
  reasons = [];
  const mine = makeTeam(keepsAlive).then(
    made => {
      if (start !== mine) made?.stop();
      else team = made;
    },
    (error: Error) => {
      if (start === mine) reasons = error.message.split("\n");
    },
  );
  start = mine;
  return mine;
}

/** @throws with the reasons, a line each, why there is one thread only */
async function makeTeam(keepsAlive: boolean): Promise<Team | null> {
  if (wanted === 1) return null;
  if (globalThis.crossOriginIsolated === false || typeof SharedArrayBuffer === "undefined") {
    throw new Error(
      "Threads share memory, which needs a cross-origin isolated page: headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.",
    );
  }
  const isAutomatic = wanted === "auto";
  const threads = wanted === "auto" ? automatic() : wanted;
  const onEnd = (lost: Team, error: Error) => disband(lost, `A worker ended: ${error.message}.`);
  return Team.start(await compileShared(), { ...options, threads, isOnTrial: isAutomatic, keepsAlive, onEnd });
}

/** @throws when one thread is best here */
function automatic(): number {
  const cores = globalThis.process?.getBuiltinModule?.("node:os").availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  if (cores === 1) throw new Error("There is one core.");
  // Deno would ask its user whether the environment may be read.
  const env = "Deno" in globalThis ? undefined : globalThis.process?.env;
  const lambda = Number(env?.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? Number.POSITIVE_INFINITY);
  if (lambda <= LAMBDA_MIB_OF_A_CORE) throw new Error(`A Lambda of ${lambda} MB has one core at most.`);
  if (isNodeWorker()) throw new Error("This is a worker thread, beside which others may run: setThreads(n) takes more threads anyway.");
  return Math.min(cores, MOST_AUTOMATIC);
}
