import { checkBoolean, checkInteger, readOptions } from "../options.js";
import { nextSeed, Random } from "../random.js";

/** What `kFold` takes. */
export interface KFoldOptions {
  /** default 5 */
  nSplits?: number;
  /** draws the order of the samples first; default false */
  shuffle?: boolean;
  /** the same seed gives the same folds; default: drawn from the global stream that `setSeed` fixes */
  seed?: number;
  /** a label for each sample: each fold then holds the same share of each class; default none */
  stratify?: readonly (string | number)[] | null;
}

/** The numbers of the samples on both sides of one fold. */
export interface Fold {
  train: number[];
  test: number[];
}

/**
 * Scikit-learn's KFold, or its StratifiedKFold with `stratify`: every sample is tested in one fold, and trained on in the others.
 * @param samples how many there are
 */
export function kFold(samples: number, options?: KFoldOptions): Fold[] {
  const { nSplits, shuffle, seed, stratify } = readOptions("kFold", options, {
    ...{ nSplits: 5, shuffle: false, seed: undefined as number | undefined, stratify: null as KFoldOptions["stratify"] },
  });
  checkInteger("kFold", "samples", samples);
  checkInteger("kFold", "nSplits", nSplits, 2);
  checkBoolean("kFold", "shuffle", shuffle);
  if (nSplits! > samples) throw new Error(`kFold: ${nSplits} folds need as many samples at least, got ${samples}.`);
  const random = shuffle ? new Random(seed ?? nextSeed()) : null;
  const foldOf = stratify ? stratifiedFolds(samples, nSplits!, stratify, random) : plainFolds(samples, nSplits!, random);
  const rows = Array.from({ length: samples }, (_, row) => row);
  return Array.from({ length: nSplits! }, (_, fold) => ({
    train: rows.filter(row => foldOf[row] !== fold),
    test: rows.filter(row => foldOf[row] === fold),
  }));
}

/** The first samples are the first fold's, and so on; the first folds take what does not divide. */
function plainFolds(samples: number, folds: number, random: Random | null): number[] {
  const order = Array.from({ length: samples }, (_, row) => row);
  random?.shuffle(order);
  const foldOf = new Array<number>(samples);
  const [size, larger] = [Math.floor(samples / folds), samples % folds];
  for (const [i, row] of order.entries()) {
    const inLarger = i < larger * (size + 1);
    foldOf[row] = inLarger ? Math.floor(i / (size + 1)) : larger + Math.floor((i - larger * (size + 1)) / size);
  }
  return foldOf;
}

/** As scikit-learn deals: the sorted labels are dealt to the folds in turn, which says how many of each class a fold gets. */
function stratifiedFolds(samples: number, folds: number, labels: readonly (string | number)[], random: Random | null): number[] {
  if (labels.length !== samples) throw new Error(`kFold: stratify must hold ${samples} labels, one a sample, got ${labels.length}.`);
  const classes = [...new Set(labels)];
  const rowsOf = classes.map(label => labels.flatMap((own, row) => (own === label ? [row] : [])));
  const rare = rowsOf.findIndex(rows => rows.length < folds);
  if (rare >= 0) throw new Error(`kFold: the class ${classes[rare]} has ${rowsOf[rare].length} samples, too few for ${folds} folds.`);
  const foldOf = new Array<number>(samples);
  let dealt = 0;
  for (const rows of rowsOf) {
    const counts = new Array<number>(folds).fill(0);
    for (let i = 0; i < rows.length; i++) counts[dealt++ % folds]++;
    const places = counts.flatMap((count, fold) => new Array<number>(count).fill(fold));
    random?.shuffle(places);
    for (const [i, row] of rows.entries()) foldOf[row] = places[i];
  }
  return foldOf;
}
