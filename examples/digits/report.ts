import type { Tensor } from "wasmind";

/** The class with the highest probability, for each row. */
export function classesOf({ data, shape: [rows, classes] }: Tensor): number[] {
  return Array.from({ length: rows }, (_, row) => {
    const probabilities = data.subarray(row * classes, (row + 1) * classes);
    return probabilities.indexOf(Math.max(...probabilities));
  });
}

/** matrix[actual][predicted] = how often */
export function confusionMatrix(actual: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => Array<number>(classes).fill(0));
  for (let i = 0; i < actual.length; i++) matrix[actual[i]][predicted[i]]++;
  return matrix;
}

/** Precision: how many of those read as the class are of it. Recall: how many of the class are read as it. */
export function precisionAndRecall(matrix: number[][]): { precision: number; recall: number; count: number }[] {
  return matrix.map((row, k) => {
    const count = sum(row);
    const read = sum(matrix.map(other => other[k]));
    return { precision: row[k] / read, recall: row[k] / count, count };
  });
}

export function formatPrecisionAndRecall(matrix: number[][]): string {
  const lines = precisionAndRecall(matrix).map(({ precision, recall, count }, digit) => {
    return `${digit}`.padStart(5) + precision.toFixed(4).padStart(11) + recall.toFixed(4).padStart(9) + `${count}`.padStart(8);
  });
  return ["digit  precision   recall   count", ...lines].join("\n");
}

export function formatMatrix(matrix: number[][]): string {
  const cells = (values: (number | string)[]) => values.map(value => `${value}`.padStart(5)).join("");
  const lines = matrix.map((row, digit) => `${digit}`.padStart(4) + " │" + cells(row.map(count => count || "·")));
  return [`read as${cells([...matrix.keys()]).slice(1)}`, `     ┌${"─".repeat(5 * matrix.length)}`, ...lines].join("\n");
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
