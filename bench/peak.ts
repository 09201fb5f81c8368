import { chooseBuild } from "../js/engine/builds.js";
import { interleave, median, type Pace, type Work } from "./measure.js";

// What one thread can do at most, measured beside everything else: a loop of multiplications and additions on registers alone, and
// y += x on arrays. Both are written byte by byte, so that every instruction in them is known and any number of chains can be tried.

const F32 = 0x7d;
const I32 = 0x7f;
const V128 = 0x7b;
const simd = (...opcode: number[]) => [0xfd, ...opcode];
const SPLAT = simd(0x13);
const LANE0 = simd(0x1f, 0);
const ADD = simd(0xe4, 0x01);
const MUL = simd(0xe6, 0x01);
const RELAXED_MADD = simd(0x85, 0x02);
const LOAD = (offset: number) => simd(0x00, 4, ...leb(offset));
const STORE = (offset: number) => simd(0x0b, 4, ...leb(offset));
const get = (local: number) => [0x20, ...leb(local)];
const set = (local: number) => [0x21, ...leb(local)];
const f32 = (x: number) => [0x43, ...new Uint8Array(Float32Array.of(x).buffer)];
const i32 = (x: number) => [0x41, ...leb(x)];
/** local += x */
const advance = (local: number, x: number) => [...get(local), ...i32(x), 0x6a, ...set(local)];
/** do body while (--local) */
const countdown = (local: number, body: number[]) => [
  0x03,
  0x40,
  ...body,
  ...get(local),
  ...i32(1),
  0x6b,
  0x22,
  ...leb(local),
  0x0d,
  0,
  0x0b,
];

/** More chains than these do not fit the 15 registers that an x64 engine has to give. */
const CHAINS = [8, 12, 14];
const UNROLL = 2;
const LOOPS = 5_000;
const FACTOR = 0.9999;

type Chains = (loops: number, m: number) => number;

/** (loops, m) → the sum of `chains` numbers that each started from its own 1, 2, 3 ... and went a = a · m + m in every lane. */
function chainsOf(chains: number, relaxed: boolean): Chains {
  const [loops, m, factor] = [0, 1, 2];
  const a = (chain: number) => factor + 1 + chain;
  const each = (code: (chain: number) => number[]) => Array.from({ length: chains }, (_, chain) => code(chain)).flat();
  const madd = relaxed ? [...get(factor), ...get(factor), ...RELAXED_MADD] : [...get(factor), ...MUL, ...get(factor), ...ADD];
  const step = each(chain => [...get(a(chain)), ...madd, ...set(a(chain))]);
  return functionOf({
    parameters: [I32, F32],
    results: [F32],
    locals: [chains + 1, V128],
    code: [
      ...[...get(m), ...SPLAT, ...set(factor)],
      ...each(chain => [...f32(chain + 1), ...SPLAT, ...set(a(chain))]),
      ...countdown(loops, Array.from({ length: UNROLL }, () => step).flat()),
      ...f32(0),
      ...each(chain => [...get(a(chain)), ...LANE0, 0x92]),
    ],
  }) as Chains;
}

/** The same numbers, computed one by one: the loop did its work only if both agree to the last bit. `fused` rounds once, after the addition. */
function emulated(chains: number, loops: number, m: number, fused: boolean): number {
  const factor = Math.fround(m);
  const product = fused ? (a: number) => a * factor : (a: number) => Math.fround(a * factor);
  let sum = 0;
  for (let chain = 1; chain <= chains; chain++) {
    let a = chain;
    for (let i = 0; i < loops * UNROLL; i++) a = Math.fround(product(a) + factor);
    sum = Math.fround(sum + a);
  }
  return sum;
}

/** A loop at the machine's peak, to be timed beside a kernel. */
export interface Peak {
  work: Work;
  /** GFLOP, or GB, that one call of the work does */
  giga: number;
  /** the most of it that a millisecond saw so far */
  best: number;
  name: string;
}

/** The fastest register-only multiply+add loop of this machine, relaxed ones included where the engine has them. */
export async function findPeak(pace: Pace): Promise<Peak> {
  const builds = chooseBuild() === "relaxed" ? [false, true] : [false];
  const kinds = builds.flatMap(relaxed => CHAINS.map(chains => ({ chains, relaxed })));
  const candidates = kinds.map(({ chains, relaxed }) => {
    const run = chainsOf(chains, relaxed);
    const got = run(LOOPS, FACTOR);
    // A relaxed multiply-add may round once or twice.
    const truths = builds.slice(0, 1 + Number(relaxed)).map(fused => emulated(chains, LOOPS, FACTOR, fused));
    if (!truths.includes(got)) throw new Error(`the peak loop of ${chains} chains gave ${got}, expected ${truths}`);
    const name = `${chains} chains${relaxed ? " of multiply-adds in one" : ""}`;
    return { name, run, work: () => void run(LOOPS, FACTOR), giga: (chains * UNROLL * LOOPS * 8) / 1e9, best: 0 };
  });
  const samples = await interleave(
    candidates.map(c => c.work),
    pace,
  );
  const speeds = candidates.map((c, i) => c.giga / median(samples[i]));
  const best = candidates[speeds.indexOf(Math.max(...speeds))];
  const [once, thrice] = await interleave([best.work, () => void best.run(3 * LOOPS, FACTOR)], pace);
  const growth = Math.min(...thrice) / Math.min(...once);
  if (!(growth > 2))
    throw new Error(`three times the loops of the peak took only ${growth.toFixed(2)} times as long: they were optimised away`);
  return best;
}

/** y += x, vector by vector, where both together are about so many bytes: the caches decide how fast that can be. */
export function adding(bytes: number): Peak {
  const [y, x, steps] = [0, 1, 2];
  const VECTORS = 4;
  const offsets = Array.from({ length: VECTORS }, (_, i) => 16 * i);
  const count = Math.max(1, Math.floor(bytes / 2 / (16 * VECTORS)));
  const half = count * 16 * VECTORS;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((2 * half) / 65536) });
  const add = functionOf(
    {
      parameters: [I32, I32, I32],
      results: [],
      locals: [],
      code: countdown(steps, [
        ...offsets.flatMap(at => [...get(y), ...get(y), ...LOAD(at), ...get(x), ...LOAD(at), ...ADD, ...STORE(at)]),
        ...advance(y, 16 * VECTORS),
        ...advance(x, 16 * VECTORS),
      ]),
    },
    memory,
  );
  const [sum, added] = [0, half].map(at => new Float32Array(memory.buffer, at, half / 4));
  added.forEach((_, i) => {
    added[i] = i % 5;
  });
  add(0, half, count);
  add(0, half, count);
  if (!sum.every((total, i) => total === 2 * (i % 5))) throw new Error("the adding loop does not add");
  return { name: "y += x", work: () => void add(0, half, count), giga: (3 * half) / 1e9, best: 0 };
}

interface Code {
  parameters: number[];
  results: number[];
  /** [count, type], or nothing */
  locals: number[];
  code: number[];
}

/** A WebAssembly module of one function. */
function functionOf(
  { parameters, results, locals, code }: Code,
  memory = new WebAssembly.Memory({ initial: 1 }),
): (...args: number[]) => number {
  const vector = (bytes: number[]) => [...leb(bytes.length), ...bytes];
  const section = (id: number, ...bytes: number[]) => [id, ...vector(bytes)];
  const name = (text: string) => vector([...Buffer.from(text)]);
  const body = [...(locals.length ? [1, ...locals] : [0]), ...code, 0x0b];
  const bytes = [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, ...vector(parameters), ...vector(results)),
    ...section(2, 1, ...name("env"), ...name("memory"), 2, 0, 1),
    ...section(3, 1, 0),
    ...section(7, 1, ...name("run"), 0, 0),
    ...section(10, 1, ...vector(body)),
  ];
  const instance = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)), { env: { memory } });
  return instance.exports.run as (...args: number[]) => number;
}

/** A small number that is not negative, as the seven bits at a time that WebAssembly wants. */
function leb(x: number): number[] {
  return x < 64 ? [x] : [(x & 127) | 128, ...leb(x >> 7)];
}
