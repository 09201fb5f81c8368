// The entry "wasmind/csv": tables from CSV files. It is apart from the rest because it needs a parser, the package csv-parse.

import { parse } from "csv-parse/browser/esm/sync";
import { type FileSource, readBytes } from "./files/bytes.js";
import { checkArray, readOptions, show } from "./options.js";
import type { Cell, TableRow } from "./preprocessing/columnTransformer.js";

export type { Cell, FileSource, TableRow };

export interface CsvOptions {
  /** default "," */
  delimiter?: string;
  /** the columns' names, for a file without a line of them; default: the first line */
  header?: readonly string[] | null;
  /** what a cell says when there is nothing in it; default "", "NA", "N/A", "NaN", "null" and "?" */
  missing?: readonly string[];
  /** columns whose numbers are names, such as codes of classes: they stay text; default none */
  text?: readonly string[];
}

const defaults: Required<CsvOptions> = { delimiter: ",", header: null, missing: ["", "NA", "N/A", "NaN", "null", "?"], text: [] };

/**
 * The rows of CSV text, each with its cells by the columns' names. A column whose cells are all numbers, or missing, holds numbers; others hold text;
 * a missing cell is null. `preprocessing.columnTransformer` makes tensors of such rows.
 * @throws when a row has more or fewer cells than there are columns, with its line
 */
export function parseCsv(text: string, options?: CsvOptions): TableRow[] {
  const { delimiter, header, missing, text: asText } = readOptions("parseCsv", options, defaults);
  if (typeof text !== "string") throw new Error(`parseCsv: expected text, got ${show(text)}.`);
  for (const [name, value] of Object.entries({ missing, text: asText })) checkArray("parseCsv", name, value);
  const lines: string[][] = parse(text, { bom: true, delimiter, skip_empty_lines: true, relax_column_count: true, trim: true });
  const names = header ?? lines.shift() ?? [];
  if (new Set(names).size < names.length) throw new Error(`parseCsv: two columns have the same name: ${names.join(", ")}.`);
  const isMissing = new Set(missing);
  const wrong = lines.findIndex(cells => cells.length !== names.length);
  if (wrong >= 0) throw new Error(`parseCsv: row ${wrong} has ${lines[wrong].length} cells, but there are ${names.length} columns.`);
  const readers = names.map((name, column) => {
    const isNumeric = !asText.includes(name) && lines.every(cells => isMissing.has(cells[column]) || isNumber(cells[column]));
    return (cell: string): Cell => (isMissing.has(cell) ? null : isNumeric ? Number(cell) : cell);
  });
  return lines.map(cells => Object.fromEntries(names.map((name, column) => [name, readers[column](cells[column])])));
}

/**
 * The rows of a CSV file, as `parseCsv`.
 * @param source a path, URL, ArrayBuffer, Uint8Array, Blob (such as a File that a visitor chose) or Response, of UTF-8 text
 */
export async function readCsv(source: FileSource, options?: CsvOptions): Promise<TableRow[]> {
  return parseCsv(new TextDecoder("utf-8", { fatal: true }).decode(await readBytes(source)), options);
}

const isNumber = (cell: string) => cell.trim() !== "" && Number.isFinite(Number(cell));
