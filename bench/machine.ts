import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";

const PACKAGES = [
  "@tensorflow/tfjs-layers",
  "@tensorflow/tfjs-backend-wasm",
  "@tensorflow/tfjs-backend-cpu",
  "onnxruntime-web",
  "@jax-js/jax",
];

/** Where and with what the numbers were made. */
export function machine(): string {
  const own = version("../package.json");
  const peers = PACKAGES.map(name => `${name} ${version(`./node_modules/${name}/package.json`)}`);
  const [{ model }] = cpus();
  return [
    `${model}, one thread · ${process.platform} ${process.arch} · Node ${process.versions.node} · ${new Date().toISOString().slice(0, 10)}`,
    `load ${loadavg()[0].toFixed(1)} on ${cpus().length} processors before the start`,
    `wasmind ${own} · ${peers.join(" · ")}`,
  ].join("\n");
}

function version(path: string): string {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")).version;
}
