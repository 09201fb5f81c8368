import { escapeXml, svg, tag, text } from "./svg.js";

/** A box of a chain: a name in bold, and lines below it. */
export interface Box {
  title: string;
  lines: readonly string[];
}

const LINE = 16;

/** Boxes from top to bottom with arrows between them. */
export function chainSvg(boxes: readonly Box[]): string {
  const width = 40 + 7.2 * Math.max(20, ...boxes.flatMap(({ title, lines }) => [title, ...lines].map(line => line.length)));
  const parts: string[] = [];
  let y = 12;
  for (const [i, { title, lines }] of boxes.entries()) {
    const height = 14 + LINE * (1 + lines.length);
    if (i > 0) parts.push(arrow(width / 2, y - 24, y));
    parts.push(tag("rect", { x: 12, y, width: width - 24, height, rx: 6, fill: "#eef3fb", stroke: "#4a6fa5" }));
    parts.push(text(width / 2, y + LINE + 3, title, "middle", { "font-weight": "bold" }));
    for (const [j, line] of lines.entries()) parts.push(text(width / 2, y + LINE * (j + 2) + 3, line, "middle"));
    y += height + 24;
  }
  return svg(width, y - 12, parts.join(""));
}

function arrow(x: number, from: number, to: number): string {
  const line = tag("line", { x1: x, y1: from, x2: x, y2: to - 6, stroke: "#4a6fa5" });
  return line + tag("path", { d: `M ${x - 4} ${to - 7} L ${x + 4} ${to - 7} L ${x} ${to} Z`, fill: "#4a6fa5" });
}

/** The same as a diagram in Mermaid's language, which many editors and web pages of code draw. */
export function chainMermaid(boxes: readonly Box[]): string {
  const quoted = (line: string) => escapeXml(line).replaceAll("#", "#35;");
  const nodes = boxes.map(({ title, lines }, i) => `  n${i}["${[`<b>${quoted(title)}</b>`, ...lines.map(quoted)].join("<br/>")}"]`);
  const arrows = boxes.slice(1).map((_, i) => `  n${i} --> n${i + 1}`);
  return ["flowchart TD", ...nodes, ...arrows].join("\n");
}
