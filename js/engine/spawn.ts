import { workerSource } from "./workerSource.js";

/** A worker that was started, wherever. */
export interface Thread {
  post(message: unknown): void;
  stop(): void;
}

/** One way to start a worker here. */
interface Way {
  name: string;
  start(): Thread & { listen(onMessage: () => void, onError: (error: Error) => void): void };
}

/** Node's, which Deno and Bun have, too: asked for at run time, so that bundlers for pages need not know of it. */
function nodeWorkers(): typeof import("node:worker_threads") | undefined {
  return globalThis.process?.getBuiltinModule?.("node:worker_threads");
}

/** Whether this is a worker of Node's itself: others may be at work beside it. */
export function isNodeWorker(): boolean {
  return nodeWorkers()?.isMainThread === false;
}

function waysToStart(workerUrl: string | URL | null): Way[] {
  if (nodeWorkers()) {
    const source: Way = { name: "worker_threads", start: () => startInNode(workerSource, true) };
    return workerUrl === null
      ? [source]
      : [{ name: `workerUrl ${workerUrl}`, start: () => startInNode(new URL(workerUrl), false) }, source];
  }
  if (typeof Worker === "undefined") return [];
  const blob: Way = {
    name: "a blob: URL",
    start() {
      const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
      return startInPage(new Worker(url), () => URL.revokeObjectURL(url));
    },
  };
  // Bundlers that know this form put the file beside theirs; under others it is not found.
  const file: Way = { name: "thread.js", start: () => startInPage(new Worker(new URL("../thread.js", import.meta.url))) };
  const given: Way[] = workerUrl === null ? [] : [{ name: `workerUrl ${workerUrl}`, start: () => startInPage(new Worker(workerUrl)) }];
  return [...given, blob, file];
}

function startInNode(source: string | URL, isSource: boolean): ReturnType<Way["start"]> {
  // Flags such as --import are for the program, not for this worker.
  const worker = new (nodeWorkers()!.Worker)(source, { eval: isSource, execArgv: [], name: "wasmind" });
  worker.unref();
  return {
    post: message => worker.postMessage(message),
    stop: () => void worker.terminate(),
    listen(onMessage, onError) {
      worker.on("message", onMessage);
      worker.on("error", error => onError(error as Error));
      worker.on("exit", code => onError(new Error(`it ended with code ${code}`)));
      worker.unref();
    },
  };
}

function startInPage(worker: Worker, onStop: () => void = () => {}): ReturnType<Way["start"]> {
  return {
    post: message => worker.postMessage(message),
    stop() {
      worker.terminate();
      onStop();
    },
    listen(onMessage, onError) {
      worker.onmessage = onMessage;
      worker.onerror = event => {
        event.preventDefault();
        onError(new Error(event.message || "the browser did not load it"));
      };
    },
  };
}

export interface SpawnOptions {
  count: number;
  /** where the application serves wasmind's thread.js itself; null: nowhere */
  workerUrl: string | URL | null;
  /** milliseconds that workers have for their first sign of life */
  timeout: number;
  /** whether a process may not end while they start, since somebody waits for them */
  keepsAlive: boolean;
  /** hears of a worker that ends after it had started */
  onEnd(error: Error): void;
  /** the first message to each */
  start(worker: number): unknown;
}

/**
 * Starts workers in the first way that works here. They do not keep a process alive.
 * @throws with one line for each way that was tried
 */
export async function spawn(options: SpawnOptions): Promise<Thread[]> {
  const ways = waysToStart(options.workerUrl);
  if (ways.length === 0) throw new Error("This runtime has no workers.");
  const failures: string[] = [];
  for (const way of ways) {
    try {
      return await startAll(way, options);
    } catch (error) {
      failures.push(`No worker from ${way.name}: ${(error as Error).message}.`);
    }
  }
  throw new Error(failures.join("\n"));
}

async function startAll(way: Way, { count, timeout, keepsAlive, onEnd, start }: SpawnOptions): Promise<Thread[]> {
  const threads: Thread[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no sign of life within ${timeout} ms`)), timeout);
      if (!keepsAlive) (timer as { unref?(): void }).unref?.();
    });
    const signs = Array.from({ length: count }, async (_, worker) => {
      const thread = way.start();
      threads.push(thread);
      await new Promise<void>((resolve, reject) => {
        thread.listen(resolve, error => {
          reject(error);
          onEnd(error);
        });
        thread.post(start(worker));
      });
    });
    await Promise.race([Promise.all(signs), late]);
    return threads;
  } catch (error) {
    for (const thread of threads) thread.stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
