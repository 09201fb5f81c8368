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

  const { conv2d, dense, dropout, embedding, flatten, lstm, maxPooling2d } = layers;
  test.each<[string, () => Parameters<typeof sequential>[0]]>([
    [
      "mlp",
      () => [
        ...[flatten({ inputShape: [28, 28, 1], name: "flatten" }), dense(128, { name: "dense" }), dropout(0.3, { name: "dropout" })],
        ...[dense(64, { name: "dense_1" }), dense(10, { name: "dense_2" })],
      ],
    ],
    [
      "cnn",
      () => [
        ...[conv2d(32, 3, { inputShape: [28, 28, 1], name: "conv2d" }), maxPooling2d(2, { name: "max_pooling2d" })],
        ...[conv2d(64, 3, { name: "conv2d_1" }), maxPooling2d(2, { name: "max_pooling2d_1" }), flatten({ name: "flatten_1" })],
        ...[dropout(0.5, { name: "dropout_1" }), dense(64, { name: "dense_3" }), dense(10, { name: "dense_4" })],
      ],
    ],
    [
      "lstm",
      () => [
        ...[lstm(64, { inputShape: [140, 1], name: "lstm" }), dropout(0.2, { name: "dropout_2" })],
        ...[dense(32, { name: "dense_5" }), dense(5, { name: "dense_6" })],
      ],
    ],
    [
      "reviews",
      () => [embedding(10000, 64, { inputShape: [200], name: "embedding" }), lstm(64, { name: "lstm_1" }), dense(1, { name: "dense_7" })],
    ],
    ["unbuilt", () => [dense(3, { name: "dense_8" }), dense(4, { name: "dense_9" })]],
  ])("of the lecture's %s is Keras's, from the model itself", (name, make) => {
    const model = sequential(make(), { name });
    const tables = summaries.filter(summary => summary.name === name);
    expect(tables.length).toBeGreaterThan(0);
    for (const { lines, options } of tables) {
      let printed = "";
      model.summary({ ...options, print: text => (printed = text) });
      expect(printed).toBe(lines.join("\n").trimEnd());
    }
  });

  test("of a model that was trained counts the optimizer's numbers as Keras does", async () => {
    const model = sequential([dense(3, { inputShape: [2], name: "dense_10" })], { name: "trained" });
    model.compile({ optimizer: "adam", loss: "mse" });
    await model.fit(new Float32Array(8), new Float32Array(12), { verbose: 0 });
    const { lines, options } = summaries.find(summary => summary.name === "trained")!;
    let printed = "";
    model.summary({ ...options, print: text => (printed = text) });
    expect(printed).toBe(lines.join("\n").trimEnd());
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
