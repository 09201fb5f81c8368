/** Pixels at each side that are left away: the digits of MNIST keep clear of them. */
const MARGIN = 2;

/** An image as text: each character is two pixels, one above the other. */
export function drawDigit(ink: ArrayLike<number>, side: number): string[] {
  const isInk = (row: number, column: number) => ink[row * side + column] > 0.4;
  const lines: string[] = [];
  for (let row = MARGIN; row < side - MARGIN; row += 2) {
    let line = "";
    for (let column = MARGIN; column < side - MARGIN; column++) {
      line += " ▄▀█"[2 * Number(isInk(row, column)) + Number(isInk(row + 1, column))];
    }
    lines.push(line);
  }
  return lines;
}

/** Blocks of text beside each other, each under its title. */
export function sideBySide(blocks: { title: string; lines: string[] }[], gap = 3): string {
  const widths = blocks.map(({ title, lines }) => Math.max(title.length, ...lines.map(line => line.length)));
  const rows = Math.max(0, ...blocks.map(({ lines }) => lines.length));
  const join = (texts: string[]) =>
    texts
      .map((text, i) => text.padEnd(widths[i]))
      .join(" ".repeat(gap))
      .trimEnd();
  const body = Array.from({ length: rows }, (_, row) => join(blocks.map(({ lines }) => lines[row] ?? "")));
  return [join(blocks.map(({ title }) => title)), ...body].join("\n");
}
