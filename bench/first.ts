import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";
import { Miniflare } from "miniflare";
import { agree } from "./agree.js";
import { median, type Ratio, ratioOf } from "./measure.js";
import { mlp, samplesOf, weightsOf } from "./nets.js";
import { modelOf } from "./peers/onnxruntime.js";
import { build } from "./peers/wasmind.js";
import { digits, table, times } from "./table.js";

/** From the import of a library to the first prediction of the MLP, which it reads from memory, in a fresh process. */
export interface First {
  peer: string;
  ms: number;
  /** how much longer than wasmind; null in another runtime */
  ratio: Ratio | null;
}

const NAMES = ["wasmind", "onnxruntime-web", "tfjs-wasm"];

export async function timeFirst(rounds: number): Promise<First[]> {
  const folder = mkdtempSync(join(tmpdir(), "wasmind-bench-"));
  try {
    const { x } = samplesOf(mlp, 1);
    const model = await build(mlp);
    const truth = model.predictOnBatch(x).data;
    writeFileSync(join(folder, "model.safetensors"), model.toSafetensors());
    writeFileSync(join(folder, "model.onnx"), modelOf(mlp, x).model);
    writeFileSync(join(folder, "x.bin"), x.data);
    writeFileSync(join(folder, "weights"), Buffer.concat(weightsOf(mlp).map(({ data }) => Buffer.from(data.buffer))));
    const samples: number[][] = NAMES.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [i, name] of NAMES.entries()) {
        const script = fileURLToPath(new URL(`./first/${name}.js`, import.meta.url));
        const said = execFileSync(process.execPath, [script, folder], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
        const { ms, y } = JSON.parse(said.trim().split("\n").at(-1)!) as { ms: number; y: number[] };
        agree(`${name}'s first prediction`, y, truth, 1e-5);
        samples[i].push(ms);
      }
    }
    const inWorkerd = { peer: "wasmind in workerd", ms: await timeWorkerd(folder, truth, rounds), ratio: null };
    return [...NAMES.map((peer, i) => ({ peer, ms: median(samples[i]), ratio: ratioOf(samples[i], samples[0]) })), inWorkerd];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How much later workerd gives its first answer than with a worker that does nothing; clocks stand still inside. */
async function timeWorkerd(folder: string, truth: Float32Array, rounds: number): Promise<number> {
  const kernels = ["simd.wasm", "relaxed.wasm"].map(name => ({
    type: "CompiledWasm" as const,
    path: name,
    contents: built(`kernels/${name}`),
  }));
  const data = ["model.safetensors", "x.bin"].map(name => ({
    type: "Data" as const,
    path: name,
    contents: readFileSync(join(folder, name)),
  }));
  const answer = async (contents: string) => {
    const begin = performance.now();
    const worker = { type: "ESModule" as const, path: "worker.js", contents };
    const miniflare = new Miniflare({ compatibilityDate: "2026-07-01", modules: [worker, ...kernels, ...data] });
    try {
      const y = (await (await miniflare.dispatchFetch("http://localhost/")).json()) as number[];
      return { ms: performance.now() - begin, y };
    } finally {
      await miniflare.dispose();
    }
  };
  const [empty, whole] = await Promise.all(["empty", "workerd"].map(bundled));
  const later: number[] = [];
  await answer(empty); // brings the runtime's own file into memory
  for (let round = 0; round < rounds; round++) {
    const idle = await answer(empty);
    const { ms, y } = await answer(whole);
    agree("workerd's first prediction", y, truth, 1e-5);
    later.push(ms - idle.ms);
  }
  return median(later);
}

const built = (name: string) => readFileSync(new URL(`../dist/${name}`, import.meta.url));

/** A worker's file, bundled as Cloudflare's tools do: .wasm and data stay files of their own. */
async function bundled(name: string): Promise<string> {
  const { outputFiles } = await bundle({
    entryPoints: [fileURLToPath(new URL(`./first/${name}.js`, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "*.bin", "*.safetensors", "h5wasm"],
    plugins: [
      {
        name: "wasm",
        setup: ({ onResolve }) => onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: basename(path), external: true })),
      },
    ],
  });
  return outputFiles[0].text;
}

export function firstTable(rows: First[]): string {
  return table(
    ["from import to the MLP's first prediction", "ms", "beside wasmind"],
    rows.map(({ peer, ms, ratio }) => [peer, digits(ms), ratio ? times(ratio.median) : ""]),
  );
}
