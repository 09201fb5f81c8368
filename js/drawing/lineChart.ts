import { svg, tag, text } from "./svg.js";

/** A line: a value for each x, which are whole numbers. */
export interface Line {
  name: string;
  x: readonly number[];
  y: readonly number[];
}

const MARKS = ["●", "○", "×", "+"];
const COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728"];

/** Bounds of finite numbers, a little apart. */
function boundsOf(values: readonly number[]): [low: number, high: number] {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  if (finite.length === 0) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

const short = (value: number) => String(Number(value.toPrecision(3)));

/** A chart in characters. Where lines meet, the first one is seen. */
export function lineChartText(title: string, lines: readonly Line[], width = 60, height = 10): string {
  const [low, high] = boundsOf(lines.flatMap(({ y }) => y));
  const [first, last] = boundsOf(lines.flatMap(({ x }) => x));
  const columns = Math.max(2, Math.min(width, Math.round(last - first) + 1));
  const cells = Array.from({ length: height }, () => new Array<string>(columns).fill(" "));
  for (const [i, { x, y }] of [...lines.entries()].reverse()) {
    for (const [j, value] of y.entries()) {
      if (!Number.isFinite(value)) continue;
      const row = Math.round(((high - value) / (high - low)) * (height - 1));
      const column = Math.round(((x[j] - first) / (last - first)) * (columns - 1));
      cells[row][column] = MARKS[i % MARKS.length];
    }
  }
  const labels = cells.map((_, row) => (row === 0 ? short(high) : row === height - 1 ? short(low) : ""));
  const margin = Math.max(...labels.map(label => label.length));
  const rows = cells.map((row, i) => `${labels[i].padStart(margin)} ┤${row.join("")}`.trimEnd());
  const [begin, end] = [lines[0].x[0], lines[0].x.at(-1)!].map(String);
  const axis = `${" ".repeat(margin + 1)}└${"─".repeat(columns)}`;
  const ticks = `${" ".repeat(margin + 2)}${begin}${begin === end ? "" : end.padStart(Math.max(columns - begin.length, end.length + 1))}`;
  const legend = lines.map(({ name }, i) => `${MARKS[i % MARKS.length]} ${name}`).join("  ");
  return [`${title}   ${legend}`, ...rows, axis, ticks].join("\n");
}

/** Charts side by side, as a picture. */
export function lineChartsSvg(charts: readonly { title: string; lines: readonly Line[] }[], width = 360, height = 240): string {
  const content = charts.map(({ title, lines }, i) =>
    tag("g", { transform: `translate(${i * width} 0)` }, chart(title, lines, width, height)),
  );
  return svg(width * Math.max(charts.length, 1), height, content.join(""));
}

function chart(title: string, lines: readonly Line[], width: number, height: number): string {
  const [left, right, top, bottom] = [52, 12, 28, 44];
  const [low, high] = boundsOf(lines.flatMap(({ y }) => y));
  const [first, last] = boundsOf(lines.flatMap(({ x }) => x));
  const xOf = (value: number) => left + ((value - first) / (last - first)) * (width - left - right);
  const yOf = (value: number) => top + ((high - value) / (high - low)) * (height - top - bottom);
  const parts = [text(width / 2, 18, title, "middle", { "font-weight": "bold" })];
  for (let i = 0; i <= 4; i++) {
    const value = low + ((high - low) * i) / 4;
    const y = yOf(value);
    parts.push(tag("line", { x1: left, x2: width - right, y1: y, y2: y, stroke: "#ddd" }), text(left - 6, y + 4, short(value), "end"));
  }
  const [begin, end] = [Math.min(...lines.flatMap(({ x }) => x)), Math.max(...lines.flatMap(({ x }) => x))];
  for (const value of new Set([begin, end])) parts.push(text(xOf(value), height - bottom + 18, String(value), "middle"));
  for (const [i, { name, x, y }] of lines.entries()) {
    const colour = COLOURS[i % COLOURS.length];
    const points = y.map((value, j) => [xOf(x[j]), yOf(value)]).filter(point => point.every(Number.isFinite));
    const path = points.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(" ");
    parts.push(tag("polyline", { points: path, fill: "none", stroke: colour, "stroke-width": 2 }));
    if (points.length === 1) parts.push(tag("circle", { cx: points[0][0], cy: points[0][1], r: 3, fill: colour }));
    parts.push(text(left + (i * (width - left)) / lines.length, height - 8, `— ${name}`, "start", { fill: colour }));
  }
  return parts.join("");
}
