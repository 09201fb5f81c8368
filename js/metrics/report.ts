import { heatMapSvg, heatMapText } from "../drawing/heatMap.js";
import { fixed } from "../format.js";
import { checkArray, checkChoice, checkInteger, readOptions } from "../options.js";
import { checkLengths, type Label, type Labels, type Numbers, readClasses, readSampleWeight, sortedClasses } from "./labels.js";
import { ratio } from "./metric.js";

interface LabelOptions {
  /** the classes and their order; default: all that occur, sorted */
  labels?: Label[] | null;
  /** how much each sample counts; default: all alike */
  sampleWeight?: Numbers | null;
}

/** How often a label (row) was predicted as each class (column). As a string it is a table. */
export class ConfusionMatrix {
  readonly labels: Label[];
  readonly matrix: number[][];

  constructor(labels: Label[], matrix: number[][]) {
    this.labels = labels;
    this.matrix = matrix;
  }

  /** A table, with the names of classes. @param targetNames default: the labels */
  toString(targetNames: readonly string[] = this.labels.map(String)): string {
    return heatMapText(targetNames, this.matrix);
  }

  /** A picture: the darker a cell, the larger its share of the row. */
  toSVG(targetNames: readonly string[] = this.labels.map(String)): string {
    return heatMapSvg(targetNames, this.matrix);
  }
}

interface Pairs {
  labels: Label[];
  matrix: number[][];
}

function count(where: string, yTrue: Labels, yPred: Labels, { labels, sampleWeight }: Required<LabelOptions>): Pairs {
  const known = readClasses(`${where}: yTrue`, yTrue);
  const guesses = readClasses(`${where}: yPred`, yPred);
  checkLengths(where, ["yTrue", known.length], ["yPred", guesses.length]);
  const weights = readSampleWeight(where, sampleWeight, known.length);
  const classes = labels ? [...(checkArray(where, "labels", labels) as Label[])] : sortedClasses(known, guesses);
  const place = new Map(classes.map((label, i) => [label, i]));
  const matrix = classes.map(() => new Array<number>(classes.length).fill(0));
  for (const [i, label] of known.entries()) {
    const [row, column] = [place.get(label), place.get(guesses[i])];
    if (row !== undefined && column !== undefined) matrix[row][column] += weights[i];
  }
  return { labels: classes, matrix };
}

/**
 * How often each label was predicted as each class, as scikit-learn's confusion_matrix.
 * @param yTrue labels, or a row of one-hot labels for each sample
 * @param yPred predicted labels, or a row of scores for each sample
 * @param options normalize: counts as shares of the row ("true"), the column ("pred") or all
 */
export function confusionMatrix(
  yTrue: Labels,
  yPred: Labels,
  options?: LabelOptions & { normalize?: "true" | "pred" | "all" | null },
): ConfusionMatrix {
  const defaults = {
    labels: null as Label[] | null,
    sampleWeight: null as Numbers | null,
    normalize: null as "true" | "pred" | "all" | null,
  };
  const all = readOptions("confusionMatrix", options, defaults);
  if (all.normalize !== null) checkChoice("confusionMatrix", "normalize", all.normalize, ["true", "pred", "all"]);
  const { labels, matrix } = count("confusionMatrix", yTrue, yPred, all);
  return new ConfusionMatrix(labels, normalized(matrix, all.normalize));
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function normalized(matrix: number[][], by: "true" | "pred" | "all" | null): number[][] {
  if (by === null) return matrix;
  const columns = matrix.map((_, i) => sum(matrix.map(row => row[i])));
  const total = sum(columns);
  return matrix.map(row => row.map((value, i) => ratio(value, by === "true" ? sum(row) : by === "pred" ? columns[i] : total)));
}

export interface ClassScores {
  precision: number;
  recall: number;
  f1Score: number;
  /** how many samples have the label, or their weights */
  support: number;
}

/** What `classificationReport` finds. As a string it is scikit-learn's table. */
export interface ClassificationReport {
  classes: Record<string, ClassScores>;
  accuracy: number;
  macroAvg: ClassScores;
  weightedAvg: ClassScores;
  toString(): string;
}

/**
 * Precision, recall and F1 of each class, as scikit-learn's classification_report: `String(report)` is its text, character for character.
 * @param yTrue labels, or a row of one-hot labels for each sample
 * @param yPred predicted labels, or a row of scores for each sample
 * @param options targetNames: of the classes in order; digits: behind the point, default 2
 */
export function classificationReport(
  yTrue: Labels,
  yPred: Labels,
  options?: Omit<LabelOptions, "labels"> & { targetNames?: string[] | null; digits?: number },
): ClassificationReport {
  const where = "classificationReport";
  const defaults = { sampleWeight: null as Numbers | null, targetNames: null as string[] | null, digits: 2 };
  const { targetNames, digits, sampleWeight } = readOptions(where, options, defaults);
  checkInteger(where, "digits", digits, 0);
  const { labels, matrix } = count(where, yTrue, yPred, { labels: null, sampleWeight });
  const names = targetNames ?? labels.map(String);
  if (names.length !== labels.length) {
    throw new Error(`${where}: targetNames must hold ${labels.length} names, one for each class, got ${names.length}.`);
  }
  const scores = matrix.map((row, i): ClassScores => {
    const hits = row[i];
    const [guessed, support] = [sum(matrix.map(other => other[i])), sum(row)];
    return { precision: ratio(hits, guessed), recall: ratio(hits, support), f1Score: ratio(2 * hits, guessed + support), support };
  });
  const total = sum(scores.map(({ support }) => support));
  const average = (weights: number[]): ClassScores => {
    const mean = (key: keyof ClassScores) => ratio(sum(scores.map((score, i) => score[key] * weights[i])), sum(weights));
    return { precision: mean("precision"), recall: mean("recall"), f1Score: mean("f1Score"), support: total };
  };
  const macroAvg = average(scores.map(() => 1));
  const weightedAvg = average(scores.map(({ support }) => support));
  const accuracy = ratio(sum(matrix.map((row, i) => row[i])), total);
  const rows = scores.map((score, i) => [names[i], score] as const);
  const averages = [["macro avg", macroAvg] as const, ["weighted avg", weightedAvg] as const];
  return {
    ...{ classes: Object.fromEntries(rows), accuracy, macroAvg, weightedAvg },
    toString: () => reportText(rows, accuracy, averages, digits, sampleWeight !== null),
  };
}

type ReportRow = readonly [name: string, scores: ClassScores];

function reportText(rows: ReportRow[], accuracy: number, averages: ReportRow[], digits: number, isWeighted: boolean): string {
  const width = Math.max("weighted avg".length, digits, ...rows.map(([name]) => name.length));
  const line = (name: string, cells: string[]) => `${name.padStart(width)} ${cells.map(cell => ` ${cell.padStart(9)}`).join("")}\n`;
  // Python shows weights, which are no whole numbers, as floats
  const support = (value: number) => (isWeighted && Number.isInteger(value) ? `${value}.0` : String(value));
  const rowOf = ([name, scores]: ReportRow) =>
    line(name, [...[scores.precision, scores.recall, scores.f1Score].map(value => fixed(value, digits)), support(scores.support)]);
  const accuracyLine = line("accuracy", ["", "", fixed(accuracy, digits), support(averages[0][1].support)]);
  return [line("", ["precision", "recall", "f1-score", "support"]), ...rows.map(rowOf), accuracyLine + averages.map(rowOf).join("")].reduce(
    (text, part, i) => text + part + (i === 0 || i === rows.length ? "\n" : ""),
    "",
  );
}
