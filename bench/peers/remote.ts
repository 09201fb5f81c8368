import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Floats, type Net, type Values, weightsOf } from "../nets.js";
import type { Peer, Task, Training } from "./peer.js";

// A peer in a process of its own, so that it can be native, or have another number of threads: a line of JSON asks, a line answers.
// It times itself between two questions; while it works nothing else does.

export interface Answer {
  error?: string;
  versions?: string;
  handle?: number;
  loss?: number;
  ms?: number;
  /** float32, base64 */
  result?: string;
  /** of memory that the process has, and the most it ever had */
  memory?: Memory;
}

export interface Memory {
  now: number;
  peak: number;
}

export interface Remote extends Peer {
  versions: string;
  /** of its process, in bytes */
  memory(): Promise<Memory>;
  end(): void;
}

/**
 * Starts a program that answers as `serve.ts` does.
 * @throws what the program says when it cannot start
 */
export async function remote(name: string, command: string, args: string[]): Promise<Remote> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", chunk => (said += chunk));
  child.on("error", ({ message }) => (said += message));
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (question: object): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(question, (_, value) => (value instanceof Float32Array ? base64(value) : value))}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(said.trim().split("\n").at(-1) || `${command} ended without a word`);
    const answer = JSON.parse(value) as Answer;
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  };
  const clocked = (question: object) => ({ clocked: async (repeats: number) => (await ask({ ...question, repeats })).ms! });
  const { versions = "" } = await ask({ do: "hello" });
  return {
    name,
    versions,
    memory: async () => (await ask({ do: "memory" })).memory!,
    end: () => void child.stdin.end(),
    async training(net: Net, batch: { x: Values; y: Values }): Promise<Training> {
      const { handle } = await ask({ do: "training", net, weights: weightsOf(net), ...batch });
      return {
        step: async () => (await ask({ do: "loss", handle })).loss!,
        steps: clocked({ do: "steps", handle }),
        fit: steps => clocked({ do: "fit", handle, steps }),
        dispose: () => void ask({ do: "dispose", handle }),
      };
    },
    async inference(net: Net, x: Values): Promise<Task> {
      const { handle } = await ask({ do: "inference", net, x });
      return {
        work: clocked({ do: "predict", handle }),
        result: async () => floatsOf((await ask({ do: "result", handle })).result!),
        dispose: () => void ask({ do: "dispose", handle }),
      };
    },
  };
}

export const base64 = (floats: Float32Array) => Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength).toString("base64");

export const floatsOf = (text: string): Floats => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);

/** A peer of the bench in a Node of its own. */
export const inNode = (name: string, threads = 1) =>
  remote(name, process.execPath, ["--import", "tsx", fileURLToPath(new URL("./serve.ts", import.meta.url)), name, String(threads)]);
