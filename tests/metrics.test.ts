import { describe, expect, test } from "vitest";
import { metrics } from "../js/index.js";
import type { Metric } from "../js/metrics/index.js";
import fixtures from "./fixtures/metrics.json" with { type: "json" };
import { make } from "./keras/build.js";

/** float32 is what Keras counts in. */
const TOLERANCE = 2e-6;

function expectNumbers(got: readonly (number | null)[], expected: readonly (number | null)[], tolerance: number): void {
  expect(got).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) {
    if (value === null) expect(got[i]).toBe(Number.POSITIVE_INFINITY);
    else
      expect(Math.abs(got[i]! - value), `${got[i]} is not ${value}, at ${i}`).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(value)));
  }
}

const nameOf = (metric: unknown) => (typeof metric === "string" ? metric : JSON.stringify((metric as { config: object }).config));

describe.each(fixtures.kinds)("A meter of $kind gives what Keras gives:", ({ batches, cases }) => {
  test.each(cases.map(own => [`${nameOf(own.metric)}${own.weighted ? " weighted" : ""}`, own] as const))(
    "%s",
    async (_, { metric, weighted, results }) => {
      const meter = metrics.meter(make(metric) as string | Metric);
      for (let round = 0; round < 2; round++) {
        for (const [i, [yTrue, yPred, sampleWeight]] of batches.entries()) {
          await meter.update(yTrue as number[][], yPred as number[][], { sampleWeight: weighted ? (sampleWeight as number[]) : null });
          expectNumbers([meter.result()].flat(), [results[i]].flat(), TOLERANCE);
        }
        meter.reset();
      }
    },
  );
});

describe("A meter", () => {
  test("takes flat arrays as columns, and forgets on reset", async () => {
    const meter = metrics.meter("accuracy");
    expect(meter.result()).toBe(0);
    await meter.update([1, 0, 1, 1], [0.9, 0.2, 0.3, 0.8]);
    expect(meter.result()).toBe(0.75);
    meter.reset();
    expect(meter.result()).toBe(0);
    await meter.update([0], [0.1]);
    expect(meter.result()).toBe(1);
  });

  test("refuses what does not fit", async () => {
    const meter = metrics.meter(metrics.f1Score());
    const message = async (...args: Parameters<typeof meter.update>) => meter.update(...args).then(String, (error: Error) => error.message);
    expect(
      await message(
        [[1, 0, 1]],
        [
          [1, 0],
          [0, 1],
        ],
      ),
    ).toBe("update: expected 4 labels for predictions of shape (2, 2), or 2 of classes, got 3.");
    expect(
      await message(
        [0, 1],
        [
          [1, 0],
          [0, 1],
        ],
      ),
    ).toMatch(/^f1_score: expected a label for each of 2 outputs, got numbers of classes\. /);
    await meter.update([[1, 0]], [[1, 0]]);
    expect(await message([[1, 0, 0]], [[1, 0, 0]])).toBe("update: expected 2 outputs as in the batch before, got 3. reset() begins anew.");
    expect(await message([[1, 0]], [[1, 0]], { sampleWeight: [1, 2] })).toBe(
      "update: sampleWeight must hold 1 numbers, one a sample, got 2.",
    );
  });
});

describe.each(fixtures.pairs.map((pair, i) => [i, pair] as const))("Pair %i of labels and predictions:", (_, pair) => {
  const { true: yTrue, pred: yPred, normalized } = pair;
  test.each(["plain", "weighted"] as const)("confusionMatrix and classificationReport are scikit-learn's, %s", kind => {
    const sampleWeight = kind === "weighted" ? fixtures.weights : null;
    const { matrix, text, report } = pair[kind];
    const own = metrics.confusionMatrix(yTrue, yPred, { sampleWeight });
    expectNumbers(own.matrix.flat(), matrix.flat(), 1e-12);
    const ownReport = metrics.classificationReport(yTrue, yPred, { sampleWeight, digits: 4 });
    const expected = report as unknown as Record<string, { precision: number; recall: number; "f1-score": number; support: number }> & {
      accuracy: number;
    };
    const { accuracy, "macro avg": macro, "weighted avg": weighted, ...classes } = expected;
    const flat = ({
      precision,
      recall,
      support,
      ...rest
    }: {
      precision: number;
      recall: number;
      support: number;
      f1Score?: number;
      "f1-score"?: number;
    }) => [precision, recall, rest.f1Score ?? rest["f1-score"]!, support];
    expect(Object.keys(ownReport.classes).sort()).toEqual(Object.keys(classes).sort());
    for (const [name, scores] of Object.entries(classes)) expectNumbers(flat(ownReport.classes[name]), flat(scores), 1e-12);
    expectNumbers(
      [ownReport.accuracy, ...flat(ownReport.macroAvg), ...flat(ownReport.weightedAvg)],
      [accuracy, ...flat(macro), ...flat(weighted)],
      1e-12,
    );
    if (!sampleWeight) expect(String(ownReport)).toBe(text);
  });

  test.each(["true", "pred", "all"] as const)("confusionMatrix as shares of %s", normalize => {
    expectNumbers(metrics.confusionMatrix(yTrue, yPred, { normalize }).matrix.flat(), normalized[normalize].flat(), 1e-12);
  });
});

describe("Curves are scikit-learn's:", () => {
  const { binary, many } = fixtures;
  test.each(fixtures.curves.map((curve, i) => [i, curve] as const))(
    "%i",
    (_, { scores, weighted, roc, whole, pr, dropped, auc, averagePrecision }) => {
      const sampleWeight = weighted ? fixtures.weights : null;
      const own = metrics.rocCurve(binary, scores, { sampleWeight });
      expectNumbers(own.thresholds, roc.thresholds, 0);
      expectNumbers(own.fpr, roc.fpr, 1e-12);
      expectNumbers(own.tpr, roc.tpr, 1e-12);
      expectNumbers(metrics.rocCurve(binary, scores, { sampleWeight, dropIntermediate: false }).thresholds, whole.thresholds, 0);
      for (const [dropIntermediate, expected] of [[false, pr] as const, [true, dropped] as const]) {
        const { precision, recall, thresholds } = metrics.precisionRecallCurve(binary, scores, { sampleWeight, dropIntermediate });
        expectNumbers(thresholds, expected.thresholds, 0);
        expectNumbers(precision, expected.precision, 1e-12);
        expectNumbers(recall, expected.recall, 1e-12);
      }
      expectNumbers([metrics.rocAucScore(binary, scores, { sampleWeight })].flat(), [auc], 1e-12);
      expectNumbers([metrics.averagePrecisionScore(binary, scores, { sampleWeight })].flat(), [averagePrecision], 1e-12);
    },
  );

  test("areas of several classes", () => {
    const area = (...args: Parameters<typeof metrics.rocAucScore>) => [metrics.rocAucScore(...args)].flat();
    expectNumbers(area(many.classes, many.scores), [many.macro], 1e-12);
    expectNumbers(area(many.classes, many.scores, { average: "weighted" }), [many.weighted], 1e-12);
    expectNumbers(area(many.indicator, many.scores, { average: null }), many.byLabel, 1e-12);
    expectNumbers([metrics.averagePrecisionScore(many.indicator, many.scores)].flat(), [many.precision], 1e-12);
  });

  test("errors say what is missing", () => {
    expect(() => metrics.rocAucScore([1, 1], [0.5, 0.6])).toThrow(
      new Error("rocAucScore: yTrue must hold samples with and without the label 1."),
    );
    expect(() => metrics.rocCurve([0, 1, 2], [0.5, 0.6, 0.1])).toThrow(new Error("rocCurve: expected two classes, got 3: [0, 1, 2]."));
    expect(() => metrics.rocCurve([0, 1], [0.5])).toThrow(new Error("rocCurve: yTrue has 2 samples, but yScore has 1."));
    expect(() => metrics.rocCurve([0, 1], [0.5, Number.NaN])).toThrow(
      new Error("rocCurve: yScore: expected finite numbers, got NaN at 1."),
    );
  });
});

test("confusionMatrix takes one-hot rows and scores, as a table and a picture", () => {
  const matrix = metrics.confusionMatrix(
    { data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] },
    { data: Float32Array.of(0.9, 0.1, 0.6, 0.4), shape: [2, 2] },
  );
  expect(matrix.matrix).toEqual([
    [1, 0],
    [1, 0],
  ]);
  expect(matrix.toString(["cat", "<dog>"])).toBe(
    [" true │   cat <dog>", "──────┼────────────", "  cat │     1     0", "<dog> │     1     0"].join("\n"),
  );
  const picture = matrix.toSVG(["cat", "<dog>"]);
  expect(picture).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" .*<\/svg>$/);
  expect(picture).toContain("&lt;dog&gt;");
  expect(picture.match(/<rect /g)).toHaveLength(1 + 4);
});
