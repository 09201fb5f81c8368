/** A kernel call as the threads of a team know it: plain data that can be posted. */
export interface Task {
  kernel: string;
  /** in calling order, without the range of a call that is shared */
  args: number[];
  /** which of the arguments is memory of each thread's own, and how many bytes one thread's are from the next one's; -1: none */
  scratch: number;
  stride: number;
  range: number;
  /** into how many parts the range is cut; 0: the leader makes the call alone */
  parts: number;
}

/** A task with a thread's kernels. */
export interface Share {
  readonly parts: number;
  /** the whole call, where it is not shared */
  run(): void;
  /** part 0, 1, ... of it */
  runPart(part: number): void;
}

/** Ranges are cut at multiples of this where they are long enough: floats of a cache line, rows of a tile. */
const GRAINS = [16, 4, 1];

/** Where a part of a range begins; that of the part behind the last is the range's end. */
export function cut(range: number, part: number, parts: number): number {
  const grain = GRAINS.find(grain => 2 * grain * parts <= range) ?? 1;
  return Math.min(range, grain * Math.floor((Math.ceil(range / grain) * part) / parts));
}

/** What a thread makes of tasks. */
export function sharesOf(tasks: readonly Task[], kernels: WebAssembly.Exports, thread: number): Share[] {
  return tasks.map(({ kernel: name, args, scratch, stride, range, parts }) => {
    const kernel = kernels[name] as (...args: number[]) => void;
    const own = args.map((arg, i) => (i === scratch ? arg + thread * stride : arg));
    return {
      parts,
      run: () => kernel(...own),
      runPart: part => kernel(...own, cut(range, part, parts), cut(range, part + 1, parts)),
    };
  });
}
