import { exponential, fixed } from "../format.js";
import { readOptions, show } from "../options.js";
import type { Callback, CallbackParams, Logs } from "./callback.js";
import { hostTerminal, type Terminal } from "./terminal.js";

const CELLS = 20;
/** the shortest time between two drawings of the line, in seconds */
const INTERVAL = 0.05;

/** Keras's progress line: drawn over and over in a terminal, once an epoch in a file or a pipe. */
export class Progress implements Callback {
  readonly #terminal: Terminal;
  readonly #verbose: 1 | 2 | null;
  #epoch = "";
  #now: () => number;
  #params!: CallbackParams;
  #inFit = false;
  /** steps of an epoch; null while they are not known */
  #target: number | null = null;
  #seen = 0;
  #startedAt = 0;
  #firstStepAt: number | undefined;
  #drawnAt = 0;
  #width = 0;

  /** @param now seconds. @param verbose default: what the run was called with */
  constructor(
    terminal: Terminal = hostTerminal() ?? { write: text => console.log(text.trimEnd()) },
    now = () => performance.now() / 1000,
    verbose: 1 | 2 | null = null,
  ) {
    this.#terminal = terminal;
    this.#verbose = verbose;
    this.#now = now;
  }

  setParams(params: CallbackParams): void {
    this.#params = { ...params, verbose: this.#verbose ?? params.verbose };
    this.#target = params.steps;
  }

  onTrainBegin(): void {
    this.#inFit = true;
  }

  onEpochBegin(epoch: number): void {
    const { epochs, verbose } = this.#params;
    this.#begin();
    this.#epoch = epochs > 1 ? `Epoch ${epoch + 1}/${epochs}` : "";
    if (verbose && this.#epoch && !this.#terminal.show) this.#terminal.write(`${this.#epoch}\n`);
  }

  onTrainBatchEnd(batch: number, logs: Logs): void {
    this.#update(batch + 1, logs);
  }

  onEpochEnd(_epoch: number, logs: Logs): void {
    this.#finish(logs);
  }

  onTestBegin(): void {
    if (!this.#inFit) this.#begin();
  }

  onTestBatchEnd(batch: number, logs: Logs): void {
    if (!this.#inFit) this.#update(batch + 1, logs);
  }

  onTestEnd(logs: Logs): void {
    if (!this.#inFit) this.#finish(logs);
  }

  onPredictBegin(): void {
    this.#begin();
  }

  onPredictBatchEnd(batch: number): void {
    this.#update(batch + 1, {});
  }

  onPredictEnd(): void {
    this.#finish({});
  }

  #begin(): void {
    this.#startedAt = this.#now();
    this.#firstStepAt = undefined;
    this.#drawnAt = Number.NEGATIVE_INFINITY;
    this.#width = 0;
  }

  #update(step: number, logs: Logs): void {
    this.#seen = step;
    if (this.#params.verbose !== 1) return;
    const now = this.#now();
    const stepTime = this.#stepTime(step, now);
    if (step === 1) this.#firstStepAt = now;
    if (!(this.#terminal.isTTY || this.#terminal.show) || now - this.#drawnAt < INTERVAL) return;
    this.#drawnAt = now;
    const time = this.#target === null ? elapsed(now - this.#startedAt) : remaining(stepTime * (this.#target - step));
    this.#draw(step, time, stepTime, logs);
  }

  #finish(logs: Logs): void {
    const { verbose } = this.#params;
    this.#target ??= this.#seen;
    const steps = this.#target;
    const now = this.#now();
    const time = elapsed(now - this.#startedAt);
    const stepTime = this.#stepTime(steps, now);
    if (verbose === 1) this.#draw(steps, time, stepTime, logs, "\n");
    if (verbose === 2) this.#terminal.write(`${steps}/${steps} - ${time} - ${duration(stepTime)}/step${values(logs, value => value)}\n`);
  }

  /** The first step is no measure, for it includes what is done once. */
  #stepTime(step: number, now: number): number {
    if (this.#firstStepAt !== undefined && step > 1) return (now - this.#firstStepAt) / (step - 1);
    return (now - this.#startedAt) / step;
  }

  #draw(step: number, time: string, stepTime: number, logs: Logs, end = ""): void {
    const { isTTY = false, columns = 80, write } = this.#terminal;
    const paint = (code: number, text: string) => (isTTY ? `\x1b[${code}m${text}\x1b[0m` : text);
    const steps = this.#target;
    const count = steps === null ? `${String(step).padStart(7)}/Unknown` : `${String(step).padStart(String(steps).length)}/${steps}`;
    const done = steps ? Math.floor(CELLS * (step / steps)) : 0;
    const cells = `${done ? paint(32, "━".repeat(done)) : ""}${paint(37, "━".repeat(CELLS - done))}`;
    const rest = ` ${duration(stepTime)}/step${values(logs, Math.abs)}`;
    const bar = `${steps === null ? count : `${paint(1, count)} ${cells}`} ${paint(1, time)}`;
    const barWidth = count.length + (steps === null ? 0 : CELLS + 1) + time.length + 1;
    if (this.#terminal.show) {
      this.#terminal.show(`${this.#epoch}${this.#epoch && "  "}${bar}${rest}`);
      return;
    }
    // only the last drawing may be longer than the line, for a wrapped line cannot be drawn over
    const shown = end ? rest : rest.slice(0, Math.max(0, columns - 1 - barWidth));
    const width = barWidth + shown.length;
    write.call(this.#terminal, `${isTTY ? "\r" : ""}${bar}${shown}${" ".repeat(Math.max(0, this.#width - width))}${end}`);
    this.#width = width;
  }
}

/** ` - accuracy: 0.9812 - loss: 6.1203e-04`: a number whose size exceeds 0.001 has four decimals. */
function values(logs: Logs, size: (value: number) => number): string {
  return Object.entries(logs)
    .map(([name, value]) => [name, meanOf(value)] as const)
    .map(([name, value]) => ` - ${name}: ${size(value) > 1e-3 ? fixed(value, 4) : exponential(value)}`)
    .join("");
}

/** Of a metric of several values Keras shows the mean. */
function meanOf(value: number | number[]): number {
  const all = [value].flat();
  return all.reduce((sum, one) => sum + one, 0) / all.length;
}

/** seconds as `2s` */
const elapsed = (seconds: number) => `${fixed(seconds, 0)}s`;

/** seconds as `2s`, `17ms` or `350us` */
function duration(seconds: number): string {
  if (seconds >= 1 || seconds === 0) return `${fixed(seconds, 0)}s`;
  return seconds >= 1e-3 ? `${fixed(seconds * 1e3, 0)}ms` : `${fixed(seconds * 1e6, 0)}us`;
}

/** seconds as `59s`, `1:01` or `1:00:01` */
function remaining(seconds: number): string {
  if (seconds <= 60) return `${Math.floor(seconds)}s`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const twoDigits = (part: number) => String(Math.floor(part)).padStart(2, "0");
  return seconds > 3600
    ? `${hours}:${twoDigits(minutes)}:${twoDigits(seconds % 60)}`
    : `${Math.floor(seconds / 60)}:${twoDigits(seconds % 60)}`;
}

/** Where `progress` draws in a page: an element, whose text it sets, or a function that gets each line. */
export type ProgressTarget = { textContent: string | null } | ((line: string) => unknown);

/**
 * Keras's progress line, for runs with `verbose: 0`: in a page, where there is no terminal, or beside it.
 * @param target default: the terminal, or the console
 * @param options verbose: 1 draws over and over (default), 2 a line an epoch
 */
export function progress(target?: ProgressTarget | null, options?: { verbose?: 1 | 2 }): Progress {
  const { verbose } = readOptions("progress", options, { verbose: 1 as 1 | 2 });
  if (verbose !== 1 && verbose !== 2) throw new Error(`progress: verbose must be 1 or 2, got ${show(verbose)}.`);
  const isElement = typeof target === "object" && target !== null && "textContent" in target;
  if (target && !isElement && typeof target !== "function")
    throw new Error(`progress: expected an element or a function, got ${show(target)}.`);
  const draw = (line: string): unknown => {
    if (isElement) target.textContent = line;
    else (target as (line: string) => unknown)(line);
    return undefined;
  };
  return new Progress(target ? { write: line => draw(line.trimEnd()), show: draw } : undefined, undefined, verbose);
}
