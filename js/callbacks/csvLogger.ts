import { needFileSystem } from "../host.js";
import { checkBoolean, readOptions, show } from "../options.js";
import type { Callback, Logs } from "./callback.js";

export interface CsvLoggerOptions {
  /** between two values; default "," */
  separator?: string;
  /** goes on with a file that is there, without another line of names; default false: begins anew */
  append?: boolean;
}

/** Writes a line for each epoch: its number from 0 and its values by name, in alphabetical order. */
export class CsvLogger implements Callback {
  readonly #path: string;
  readonly #separator: string;
  readonly #append: boolean;
  #columns: string[] | undefined;
  #hasHeader = false;

  constructor(path: string, options?: CsvLoggerOptions) {
    const { separator, append } = readOptions("csvLogger", options, { separator: ",", append: false });
    if (typeof path !== "string" || path === "") throw new Error(`csvLogger: expected a file's path, got ${show(path)}.`);
    if (typeof separator !== "string" || separator.length !== 1) {
      throw new Error(`csvLogger: separator must be one character, got ${show(separator)}.`);
    }
    this.#path = path;
    this.#separator = separator;
    this.#append = checkBoolean("csvLogger", "append", append);
  }

  async onTrainBegin(): Promise<void> {
    const files = fileSystem();
    this.#columns = undefined;
    const before = this.#append ? await files.readFile(this.#path).catch(() => null) : null;
    this.#hasHeader = before !== null && before.length > 0;
    if (!this.#append) await files.writeFile(this.#path, "");
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const first = this.#columns === undefined;
    this.#columns ??= columnsOf(logs);
    const lines = first && !this.#hasHeader ? [["epoch", ...this.#columns]] : [];
    lines.push([String(epoch), ...this.#columns.map(name => (name in logs ? textOf(logs[name]) : "NA"))]);
    const text = lines.map(cells => `${cells.map(cell => this.#quoted(cell)).join(this.#separator)}\n`).join("");
    await fileSystem().appendFile(this.#path, text);
  }

  #quoted(cell: string): string {
    return cell.includes(this.#separator) || /["\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  }
}

/** Keras's way to write the values of a metric that has several: "[0.5, 1]", in quotes of its own. */
function textOf(value: number | number[]): string {
  return Array.isArray(value) ? `"[${value.join(", ")}]"` : String(value);
}

/** An epoch without validation may come first: its columns are kept free. */
function columnsOf(logs: Logs): string[] {
  const names = Object.keys(logs).sort();
  return names.some(name => name.startsWith("val_")) ? names : [...names, ...names.map(name => `val_${name}`)];
}

const fileSystem = () => needFileSystem("csvLogger", "callbacks.lambda({ onEpochEnd }) gets the same values.");

/** Keras's CSVLogger. @param path of the file @throws when training begins, where there is no file system */
export function csvLogger(path: string, options?: CsvLoggerOptions): CsvLogger {
  return new CsvLogger(path, options);
}
