import { svg, tag, text } from "./svg.js";

const CELL = 44;

/** A count as it is, a share with two digits. */
const show = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(2));

/** A confusion matrix as a table: labels in rows, predictions in columns. */
export function heatMapText(names: readonly string[], matrix: readonly (readonly number[])[]): string {
  const cells = matrix.map(row => row.map(show));
  const width = Math.max(...names.map(name => name.length), ...cells.flat().map(cell => cell.length), 4);
  const line = (name: string, own: readonly string[]) => [name.padStart(width), "│", ...own.map(cell => cell.padStart(width))].join(" ");
  const rule = `${"─".repeat(width + 1)}┼${"─".repeat((width + 1) * names.length)}`;
  return [line("true", names), rule, ...cells.map((row, i) => line(names[i], row))].join("\n");
}

/** A confusion matrix as a picture: the darker a cell, the larger its share of the row. */
export function heatMapSvg(names: readonly string[], matrix: readonly (readonly number[])[]): string {
  const left = 40 + 7 * Math.max(...names.map(name => name.length));
  const top = 20;
  const parts = matrix.flatMap((row, i) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((value, j) => {
      const share = total > 0 ? value / total : 0;
      const [x, y] = [left + j * CELL, top + i * CELL];
      const lightness = Math.round(96 - 60 * share);
      const cell = tag("rect", { x, y, width: CELL, height: CELL, fill: `hsl(212, 70%, ${lightness}%)`, stroke: "white" });
      return cell + text(x + CELL / 2, y + CELL / 2 + 4, show(value), "middle", { fill: share > 0.5 ? "white" : "black" });
    });
  });
  const size = names.length * CELL;
  const middle = top + size / 2;
  const labels = names.flatMap((name, i) => {
    const at = (i + 0.5) * CELL;
    return [text(left - 6, top + at + 4, name, "end"), text(left + at, top + size + 16, name, "middle")];
  });
  const titles = [
    text(left + size / 2, top + size + 36, "predicted", "middle", { "font-weight": "bold" }),
    text(14, middle, "true", "middle", { "font-weight": "bold", transform: `rotate(-90 14 ${middle})` }),
  ];
  return svg(left + size + 20, top + size + 48, [...parts, ...labels, ...titles].join(""));
}
