declare module "autocannon" {
  interface Options {
    url: string;
    method: "GET" | "POST";
    body: string;
    connections: number;
    /** seconds */
    duration: number;
    /** threads that ask; default: the one that started it */
    workers?: number;
  }
  interface Result {
    requests: { total: number };
    /** connections that failed, and requests without an answer in 10 s */
    errors: number;
    timeouts: number;
    /** by the status of answers */
    statusCodeStats: Record<string, { count: number }>;
    /** ms */
    latency: { p50: number; p99: number };
  }
  export default function autocannon(options: Options): Promise<Result>;
}
