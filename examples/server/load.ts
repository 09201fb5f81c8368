// Load on a server of the EMB model (texts of 200 words), on loopback: npx tsx examples/server/load.ts [seconds, default 60]
import type { AddressInfo } from "node:net";
import autocannon from "autocannon";
import { layers, sequential, setSeed } from "wasmind";
import { serverOf } from "./server.js";

/** An embedding of 10,000 words, an LSTM and a verdict. */
export function textModel() {
  setSeed(1);
  return sequential([layers.embedding(10_000, 64, { inputShape: [200] }), layers.lstm(64), layers.dense(1, { activation: "sigmoid" })]);
}

export interface LoadReport {
  requests: number;
  /** how many of which kind: "status 500", "timeout", "connection"; empty when all went well */
  errors: Record<string, number>;
  /** ms */
  p50: number;
  p99: number;
  /** MB of the process, after a tenth of the time and at the end */
  memory: [number, number];
}

/** 32 connections that ask one after the other from a thread of their own, for a time in seconds. */
export async function load(seconds: number): Promise<LoadReport> {
  const server = serverOf(await textModel().ready());
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const body = JSON.stringify(Array.from({ length: 200 }, (_, i) => (i * 37) % 10_000));
  const megabytes = () => Math.round(process.memoryUsage().rss / 1e6);
  let early = 0;
  setTimeout(() => (early = megabytes()), seconds * 100);
  try {
    const url = `http://127.0.0.1:${port}/predict`;
    const asked = await autocannon({ url, method: "POST", body, connections: 32, workers: 1, duration: seconds });
    const { requests, errors, timeouts, statusCodeStats, latency } = asked;
    const kinds = { timeout: timeouts, connection: errors - timeouts };
    const statuses = Object.entries(statusCodeStats).map(
      ([status, { count }]) => [`status ${status}`, status === "200" ? 0 : count] as const,
    );
    return {
      requests: requests.total,
      errors: Object.fromEntries([...Object.entries(kinds), ...statuses].filter(([, count]) => count > 0)),
      ...{ p50: latency.p50, p99: latency.p99, memory: [early, megabytes()] },
    };
  } finally {
    server.close();
  }
}

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify(await load(Number(process.argv[2] ?? 60))));
