import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
  /** how much longer than wasmind */
  ratio: Ratio;
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
    writeFileSync(join(folder, "x"), x.data);
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
    return NAMES.map((peer, i) => ({ peer, ms: median(samples[i]), ratio: ratioOf(samples[i], samples[0]) }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function firstTable(rows: First[]): string {
  return table(
    ["from import to the MLP's first prediction", "ms", "beside wasmind"],
    rows.map(({ peer, ms, ratio }) => [peer, digits(ms), times(ratio.median)]),
  );
}
