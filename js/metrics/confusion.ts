import { checkInteger, checkNumber, readOptions, snakeCase } from "../options.js";
import { type Metric, ratio } from "./metric.js";
import { type Counts, checkColumns, readCounts, readThresholds, recordCounts, sizeOfCounts, type Thresholds } from "./thresholds.js";

interface CountOptions {
  /** predictions above it are positive: from 0 to 1, or several, which give several values; default 0.5 */
  thresholds?: number | number[] | null;
  name?: string;
}

interface ClassOptions extends CountOptions {
  /** only the so many largest outputs of each row are positive; default null: those above the threshold */
  topK?: number | null;
  /** only this output; default null: all together */
  classId?: number | null;
}

/** Keras's threshold for topK: the outputs that are left out lie at it. */
const LOWEST = -1e10;

interface Kind {
  /** Keras's name in camelCase */
  where: string;
  direction: "up" | null;
  /** at each threshold */
  value: (counts: Counts, i: number) => number;
}

function atThresholds(kind: Kind, config: Required<CountOptions> & ClassOptions): Metric {
  const { where, direction, value } = kind;
  checkColumns(where, config);
  const { thresholds, restore } = readThresholds(where, config.thresholds, config.topK ? LOWEST : 0.5);
  return {
    ...{ name: config.name, className: classNameOf(where), config: { ...config }, direction },
    size: () => sizeOfCounts(thresholds),
    record: (plan, batch) => recordCounts(plan, config.name, batch, thresholds, config),
    read(sums) {
      const counts = readCounts(sums, thresholds);
      return restore(thresholds.rising.map((_, i) => value(counts, i)));
    },
  };
}

const countDefaults = { thresholds: null as number | number[] | null };
const classDefaults = { ...countDefaults, topK: null as number | null, classId: null as number | null };

const classNameOf = (where: string) => where[0].toUpperCase() + where.slice(1);

function count(where: keyof Counts) {
  const kind: Kind = { where, direction: null, value: (counts, i) => counts[where][i] };
  return (options?: CountOptions): Metric => atThresholds(kind, readOptions(where, options, { ...countDefaults, name: snakeCase(where) }));
}

/** How many predictions above the threshold have the label 1, or their weights. */
export const truePositives = count("truePositives");

/** How many predictions above the threshold have the label 0. */
export const falsePositives = count("falsePositives");

/** How many predictions not above the threshold have the label 0. */
export const trueNegatives = count("trueNegatives");

/** How many predictions not above the threshold have the label 1. */
export const falseNegatives = count("falseNegatives");

const share = (a: keyof Counts, b: keyof Counts) => (counts: Counts, i: number) => ratio(counts[a][i], counts[a][i] + counts[b][i]);
const precisionOf = share("truePositives", "falsePositives");
const recallOf = share("truePositives", "falseNegatives");
const specificityOf = share("trueNegatives", "falsePositives");

function shareOf(where: string, value: Kind["value"]) {
  return (options?: ClassOptions): Metric =>
    atThresholds({ where, direction: "up", value }, readOptions(where, options, { ...classDefaults, name: where }));
}

/** TP / (TP + FP): the share of positive predictions that are right; 0 without any. */
export const precision = shareOf("precision", precisionOf);

/** TP / (TP + FN): the share of positive labels that are found; 0 without any. */
export const recall = shareOf("recall", recallOf);

interface ConstraintOptions {
  /** between 0 and 1, at even distances; default 200 */
  numThresholds?: number;
  /** only this output; default null: all together */
  classId?: number | null;
  name?: string;
}

/** The largest of one measure, over thresholds, where another one is at least so large; 0 where it never is. */
function constrained(where: string, option: string, measures: Record<"held" | "wanted", Kind["value"]>) {
  const defaults = { numThresholds: 200, classId: null as number | null, name: snakeCase(where) };
  return (least: number, options?: ConstraintOptions): Metric => {
    const read = readOptions(where, options, defaults);
    checkNumber(where, option, least, 0, 1);
    checkColumns(where, read);
    const count = checkInteger(where, "numThresholds", read.numThresholds);
    const isEven = count > 1;
    const thresholds: Thresholds = { rising: isEven ? evenThresholds(count) : [0.5], isEven, least: 0 };
    return {
      ...{ name: read.name, className: classNameOf(where), config: { [option]: least, ...read }, direction: "up" },
      size: () => sizeOfCounts(thresholds),
      record: (plan, batch) => recordCounts(plan, read.name, batch, thresholds, read),
      read(sums) {
        const counts = readCounts(sums, thresholds);
        const fitting = thresholds.rising.map((_, i) => {
          const isHeld = Math.fround(measures.held(counts, i)) >= Math.fround(least); // Keras compares float32
          return isHeld ? measures.wanted(counts, i) : 0;
        });
        return Math.max(0, ...fitting);
      },
    };
  };
}

export function evenThresholds(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i / (count - 1));
}

/** The best sensitivity (recall) where the specificity is at least so large. */
export const sensitivityAtSpecificity = constrained("sensitivityAtSpecificity", "specificity", { held: specificityOf, wanted: recallOf });

/** The best specificity, TN / (TN + FP), where the sensitivity (recall) is at least so large. */
export const specificityAtSensitivity = constrained("specificityAtSensitivity", "sensitivity", { held: recallOf, wanted: specificityOf });

/** The best precision where the recall is at least so large. */
export const precisionAtRecall = constrained("precisionAtRecall", "recall", { held: recallOf, wanted: precisionOf });

/** The best recall where the precision is at least so large. */
export const recallAtPrecision = constrained("recallAtPrecision", "precision", { held: precisionOf, wanted: recallOf });
