/** A Markdown table whose columns line up in a terminal, too: numbers to the right, words to the left. */
export function table(head: string[], rows: string[][]): string {
  const left = head.map((_, column) => rows.some(row => /^[^\d]/.test(row[column])));
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map(row => row[column].length)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, i) => (left[i] ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(" | ")} |`;
  const rule = widths.map((width, i) => (left[i] ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** About three digits. */
export function digits(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  if (x >= 1000) return Math.round(x).toLocaleString("en");
  return x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x >= 0.1 ? x.toFixed(2) : x.toPrecision(2);
}

export const times = (ratio: number) => `${digits(ratio)}×`;
export const percent = (share: number, places = 0) => `${(share * 100).toFixed(places)} %`;
