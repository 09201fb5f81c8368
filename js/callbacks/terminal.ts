/** Where text goes. */
export interface Terminal {
  write(text: string): unknown;
  /** whether a line can be drawn over, and colours shown */
  isTTY?: boolean;
  columns?: number;
  /** in place of `write`: shows a line, plain text, instead of the one before */
  show?(line: string): unknown;
}

/** The terminal of Node, Deno and Bun; a page has none. */
export function hostTerminal(): Terminal | undefined {
  const stdout = globalThis.process?.stdout;
  return typeof stdout?.write === "function" ? stdout : undefined;
}
