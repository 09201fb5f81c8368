import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { LoadReport } from "../examples/server/load.js";
import { digits, table } from "./table.js";

/** What examples/server/load.ts says of the server under load. */
export type Served = LoadReport & { seconds: number };

/** The Node server of examples/, in a fresh process, asked by 32 connections for a time in seconds. */
export async function serve(seconds: number): Promise<Served> {
  const program = fileURLToPath(new URL("../examples/server/load.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", program, String(seconds)]);
  return { seconds, ...JSON.parse(stdout) };
}

export function servingTable({ seconds, requests, errors, p50, p99, memory: [early, late] }: Served): string {
  const kinds = Object.entries(errors).map(([kind, count]) => `${count} of ${kind}`);
  return table(
    ["the text model behind HTTP", "requests a second", "p50, ms", "p99, ms", "errors", "memory, MB"],
    [
      [
        `${seconds} s, 32 connections`,
        digits(requests / seconds),
        digits(p50),
        digits(p99),
        kinds.join(", ") || "none",
        `${early}, then ${late}`,
      ],
    ],
  );
}
