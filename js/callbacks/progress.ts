import { exponential, fixed } from "../format.js";
import type { Callback, CallbackParams, Logs } from "./callback.js";
import { hostTerminal, type Terminal } from "./terminal.js";

const CELLS = 20;
/** the shortest time between two drawings of the line, in seconds */
const INTERVAL = 0.05;

/** Keras's progress line: drawn over and over in a terminal, once an epoch in a file or a pipe. */
export class Progress implements Callback {
  #terminal: Terminal;
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

  /** @param now seconds */
  constructor(terminal: Terminal = hostTerminal() ?? { write: text => console.log(text.trimEnd()) }, now = () => performance.now() / 1000) {
    this.#terminal = terminal;
    this.#now = now;
  }

  setParams(params: CallbackParams): void {
    this.#params = params;
    this.#target = params.steps;
  }

  onTrainBegin(): void {
    this.#inFit = true;
  }

  onEpochBegin(epoch: number): void {
    const { epochs, verbose } = this.#params;
    this.#begin();
    if (verbose && epochs > 1) this.#terminal.write(`Epoch ${epoch + 1}/${epochs}\n`);
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
    if (!this.#terminal.isTTY || now - this.#drawnAt < INTERVAL) return;
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
