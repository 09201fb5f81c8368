import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
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
  result?: string;
}

/**
 * Starts a program that answers as `serve.ts` does.
 * @throws what the program says when it cannot start
 */
export async function remote(name: string, command: string, args: string[]): Promise<Peer & { versions: string }> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", chunk => (said += chunk));
  child.on("error", ({ message }) => (said += message));
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  // It ends with the bench: its input ends then.
  for (const held of [child, child.stdout, child.stdin]) (held as unknown as { unref?: () => void }).unref?.();
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
