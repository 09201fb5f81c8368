declare module "autocannon" {
  interface Options {
    url: string;
    method: "GET" | "POST";
    body: string;
    connections: number;
    /** seconds */
    duration: number;
  }
  interface Result {
    requests: { total: number };
    errors: number;
    timeouts: number;
    non2xx: number;
    /** ms */
    latency: { p50: number; p99: number };
  }
  export default function autocannon(options: Options): Promise<Result>;
}
