import { describe, expect, test } from "vitest";
import { layers, sequential } from "../js/index.js";
import { type SummaryRow, type SummaryTotals, summaryText } from "../js/model/summary.js";
import summaries from "./fixtures/summaries.json" with { type: "json" };

const draw = ({ name, rows, totals, options }: (typeof summaries)[number], lineLength?: number, terminalColumns?: number) =>
  summaryText(name, rows as SummaryRow[], totals as SummaryTotals, { ...options, lineLength }, terminalColumns);

describe("summary", () => {
  test.each(summaries)("of $name is Keras's table, character for character, with $options", summary => {
    expect(draw(summary, summary.options.lineLength)).toBe(summary.lines.join("\n").trimEnd());
  });

  test("of a model with weights that are not trained counts as Keras does", () => {
    const model = sequential(
      [
        layers.dense(32, { inputShape: [8], trainable: false, name: "frozen" }),
        layers.batchNormalization({ name: "batch_normalization" }),
        layers.dropout(0.1, { name: "dropout_3" }),
      ],
      { name: "frozen" },
    );
    const printed: string[] = [];
    for (const { lines, options } of summaries.filter(({ name }) => name === "frozen")) {
      model.summary({ ...options, print: text => printed.push(text) });
      expect(printed.pop()).toBe(lines.join("\n").trimEnd());
    }
  });

  test.each([
    [80, 76],
    [92, 88],
    [200, 88],
    [15, 20],
  ])("in a terminal of %i columns is %i characters wide", (terminalColumns, width) => {
    expect(draw(summaries[0], undefined, terminalColumns).split("\n")[1]).toHaveLength(width);
  });

  test("refuses a line that has no place for all columns", () => {
    expect(() => draw(summaries[0], 19)).toThrow(new Error("summary: lineLength must be an integer of at least 20, got 19."));
  });
});
