import { fixed, thousands } from "../format.js";
import type { Layer } from "../layers/layer.js";
import { checkInteger } from "../options.js";
import { Nested } from "./nested.js";
import type { OptimizerState } from "./trainer.js";

/** The shortest line on which every column has a place. */
const LEAST_LENGTH = 20;

export interface SummaryRow {
  name: string;
  /** Keras's class name */
  className: string;
  /** null while it is not known */
  outputShape: readonly (number | null)[] | null;
  /** null while the layer is not built */
  params: number | null;
  /** null for a layer without weights */
  trainable: boolean | null;
}

export interface SummaryCount {
  params: number;
  bytes: number;
}

export interface SummaryTotals {
  trainable: SummaryCount;
  nonTrainable: SummaryCount;
  /** only once the optimizer has its variables */
  optimizer?: SummaryCount;
}

export interface SummaryOptions {
  /** characters; default: what fits the terminal, but 88 at most, or 100 with `showTrainable` */
  lineLength?: number;
  /** a column more: Y, N, or - for layers without weights */
  showTrainable?: boolean;
  /** the layers of models that are layers, too */
  expandNested?: boolean;
}

/** A layer's line, and with `expandNested` those of the layers inside. */
export function rowsOf(layer: Layer, expandNested: boolean, depth = 0): SummaryRow[] {
  const { className, outputShape, weights } = layer;
  const row = {
    name: depth === 0 ? layer.name : `${"   ".repeat(depth)}└ ${layer.name}`,
    className,
    outputShape: outputShape && [null, ...outputShape],
    params: outputShape && weights.reduce((sum, { size }) => sum + size, 0),
    trainable: weights.length > 0 ? layer.trainable : null,
  };
  const inner = expandNested && layer instanceof Nested ? layer.model.layers : [];
  return [row, ...inner.flatMap(each => rowsOf(each, expandNested, depth + 1))];
}

/**
 * Keras's counts: it takes the optimizer's step (int64) for a parameter too.
 * @param numbers how many float32 the optimizer has beside its state
 */
export function totalsOf(layers: readonly Layer[], optimizer: OptimizerState | null, numbers: number): SummaryTotals {
  const count = (sizes: number[]) => {
    const params = sizes.reduce((sum, size) => sum + size, 0);
    return { params, bytes: 4 * params };
  };
  const trained = new Set(layers.flatMap(layer => layer.trainedWeights.map(([, weight]) => weight)));
  const sizesOf = (trainable: boolean) =>
    layers.flatMap(layer => layer.weights.filter(weight => trained.has(weight) === trainable).map(({ size }) => size));
  const totals = { trainable: count(sizesOf(true)), nonTrainable: count(sizesOf(false)) };
  if (!optimizer) return totals;
  const { params, bytes } = count(Object.values(optimizer.tensors).map(({ data }) => data.length));
  return { ...totals, optimizer: { params: params + numbers + 1, bytes: bytes + 4 * numbers + 8 } };
}

/** A column: where it ends in the line, and how its cells are put into its width. */
interface Column {
  title: string;
  end: number;
  align: (text: string, width: number) => string;
}

const left = (text: string, width: number) => text.padEnd(width);
const right = (text: string, width: number) => text.padStart(width);
const center = (text: string, width: number) => text.padStart(Math.floor((width + text.length) / 2)).padEnd(width);

const columns: Column[] = [
  { title: "Layer (type)", end: 0.45, align: left },
  { title: "Output Shape", end: 0.8, align: left },
  { title: "Param #", end: 1, align: right },
];
const columnsWithTrainable: Column[] = [
  ...columns.map(column => ({ ...column, end: column.end * 0.9 })),
  { title: "Trainable", end: 1, align: center },
];

/** Keras's table of a model's layers, character for character. @param terminalColumns the width of what it will be shown on */
export function summaryText(
  name: string,
  rows: readonly SummaryRow[],
  totals: SummaryTotals,
  { lineLength, showTrainable = false }: SummaryOptions = {},
  terminalColumns = 80,
): string {
  const used = showTrainable ? columnsWithTrainable : columns;
  const fitting = Math.max(LEAST_LENGTH, Math.min(showTrainable ? 100 : 88, terminalColumns - 4));
  const length = checkInteger("summary", "lineLength", lineLength ?? fitting, LEAST_LENGTH);
  const widths = widthsOf(used, length);
  const cells = rows.map(row => cellsOf(row).slice(0, used.length));
  const { trainable, nonTrainable, optimizer } = totals;
  const all = [trainable, nonTrainable, optimizer ?? { params: 0, bytes: 0 }];
  const total = all.reduce((sum, { params, bytes }) => ({ params: sum.params + params, bytes: sum.bytes + bytes }));
  const counts = [countLine("Total", total), countLine("Trainable", trainable), countLine("Non-trainable", nonTrainable)];
  if (optimizer) counts.push(countLine("Optimizer", optimizer));
  return [`Model: "${name}"`, ...drawTable(used, widths, cells), ...counts].join("\n");
}

function cellsOf({ name, className, outputShape, params, trainable }: SummaryRow): string[] {
  return [
    `${name} (${className})`,
    outputShape ? `(${outputShape.map(length => length ?? "None").join(", ")})` : "?",
    params === null ? "0 (unbuilt)" : thousands(params),
    trainable === null ? "-" : trainable ? "Y" : "N",
  ];
}

function countLine(title: string, { params, bytes }: SummaryCount): string {
  return ` ${title} params: ${thousands(params)} (${byteSize(bytes)})`;
}

/** 1536 → "1.50 KB" */
function byteSize(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB", "PB"];
  let size = bytes;
  while (size >= 1024 && units.length > 1) {
    size /= 1024;
    units.shift();
  }
  return `${fixed(size, 2)} ${units[0]}`;
}

/** What is left for text in each column: borders and padding are taken away from all columns in equal parts. */
function widthsOf(columns: readonly Column[], lineLength: number): number[] {
  let excess = 3 * columns.length + 1;
  const ends = columns.map(({ end }) => Math.floor(end * lineLength));
  return ends.map((end, i) => {
    const part = Number(fixed(excess / (columns.length - i), 0));
    excess -= part;
    return end - (ends[i - 1] ?? 0) - part;
  });
}

function drawTable(columns: readonly Column[], widths: readonly number[], rows: readonly string[][]): string[] {
  const rule = (start: string, cell: string, between: string, end: string) =>
    start + widths.map(width => cell.repeat(width + 2)).join(between) + end;
  const draw = (edge: string) => (cells: string[]) =>
    `${edge} ${cells.map((cell, i) => columns[i].align(cell, widths[i])).join(` ${edge} `)} ${edge}`;
  const titles = columns.map(({ title }) => title);
  const header = wrapCells(titles, widths, "bottom");
  const body = rows.map(cells => wrapCells(cells, widths, "top").map(draw("│")));
  const separated = body.flatMap((lines, i) => (i === 0 ? lines : [rule("├", "─", "┼", "┤"), ...lines]));
  return [rule("┏", "━", "┳", "┓"), ...header.map(draw("┃")), rule("┡", "━", "╇", "┩"), ...separated, rule("└", "─", "┴", "┘")];
}

/** Cells of one row as lines of cells, all of equal height. */
function wrapCells(cells: readonly string[], widths: readonly number[], side: "top" | "bottom"): string[][] {
  const wrapped = cells.map((cell, i) => wrap(cell, widths[i]));
  const height = Math.max(...wrapped.map(lines => lines.length));
  const filled = wrapped.map(lines => {
    const blank = Array<string>(height - lines.length).fill("");
    return side === "top" ? [...lines, ...blank] : [...blank, ...lines];
  });
  return Array.from({ length: height }, (_, line) => filled.map(lines => lines[line]));
}

/** Breaks at spaces; a word that is longer than a line ends in "…". */
function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.match(/\s*\S+\s*/g) ?? []) {
    const line = lines.at(-1)!;
    if (line && line.length + word.trimEnd().length > width) lines.push(word);
    else lines[lines.length - 1] += word;
  }
  return lines.map(line => line.trimEnd()).map(line => (line.length > width ? `${line.slice(0, width - 1)}…` : line));
}
