import { describe, expect, it, test } from "vitest";
import { schedules } from "../js/index.js";
import { resolveSchedule } from "../js/schedules.js";

const decay = { initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.5 };

describe("schedules", () => {
  // The first rows are the expectations of Keras's own tests, the others follow from the formulas.
  test.each<[string, schedules.Schedule, [step: number, rate: number][]]>([
    [
      "exponential, staircase",
      schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.96, staircase: true }),
      [[100, 0.1 * 0.96 ** 33]],
    ],
    [
      "polynomial, cycle",
      schedules.polynomialDecay({ initialLearningRate: 0.05, decaySteps: 10, endLearningRate: 0.001, cycle: true }),
      [
        [15, 0.049 * 0.25 + 0.001],
        [0, 0.05],
      ],
    ],
    [
      "cosine",
      schedules.cosineDecay({ initialLearningRate: 1, decaySteps: 1000, alpha: 0.1 }),
      [
        [500, 0.55],
        [0, 1],
        [1000, 0.1],
        [2000, 0.1],
      ],
    ],
    [
      "piecewise constant",
      schedules.piecewiseConstantDecay({ boundaries: [100, 110, 120], values: [1, 0.1, 0.01, 0.001] }),
      [
        [0, 1],
        [100, 1],
        [101, 0.1],
        [110, 0.1],
        [111, 0.01],
        [120, 0.01],
        [121, 0.001],
      ],
    ],
    [
      "exponential",
      schedules.exponentialDecay(decay),
      [
        [0, 0.1],
        [5, 0.1 * Math.SQRT1_2],
        [20, 0.025],
      ],
    ],
    [
      "inverse time",
      schedules.inverseTimeDecay(decay),
      [
        [0, 0.1],
        [5, 0.08],
        [20, 0.05],
      ],
    ],
    [
      "inverse time, staircase",
      schedules.inverseTimeDecay({ ...decay, staircase: true }),
      [
        [9, 0.1],
        [10, 0.1 / 1.5],
      ],
    ],
    [
      "polynomial",
      schedules.polynomialDecay({ initialLearningRate: 0.1, decaySteps: 10, endLearningRate: 0.02, power: 2 }),
      [
        [5, 0.04],
        [10, 0.02],
        [50, 0.02],
      ],
    ],
    [
      "cosine with warmup",
      schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 10, warmupTarget: 0.5, warmupSteps: 4 }),
      [
        [0, 0.1],
        [2, 0.3],
        [4, 0.5],
        [9, 0.25],
        [14, 0],
        [99, 0],
      ],
    ],
    [
      "cosine with steps to warm up, but no target",
      schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 10, warmupSteps: 4 }),
      [
        [0, 0.1],
        [5, 0.05],
      ],
    ],
    [
      "cosine restarts",
      schedules.cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 10, mMul: 0.5, alpha: 0.1 }),
      [
        [0, 1],
        [5, 0.55],
        [10, 0.55],
        [20, 0.325],
        [30, 0.325],
        [70, 0.1 + 0.9 / 8],
      ],
    ],
    [
      "cosine restarts of one length",
      schedules.cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 10, tMul: 1 }),
      [
        [5, 0.5],
        [10, 1],
        [1_000_005, 0.5],
      ],
    ],
  ])("%s", (_, schedule, rates) => {
    for (const [step, rate] of rates) expect(schedule.at(step), `at ${step}`).toBeCloseTo(rate, 12);
    const { className, config } = schedule;
    expect(resolveSchedule("test", { className, config }).config).toEqual(config);
  });

  it("say what is wrong", () => {
    const { piecewiseConstantDecay, exponentialDecay } = schedules;
    expect(() => exponentialDecay({ ...decay, decaySteps: 0 })).toThrow("exponentialDecay: decaySteps must be a number over 0, got 0.");
    expect(() => piecewiseConstantDecay({ boundaries: [1, 2], values: [1, 2] })).toThrow(
      "piecewiseConstantDecay: expected one value more than boundaries, got 2 values and 2 boundaries.",
    );
    expect(() => piecewiseConstantDecay({ boundaries: [2, 2], values: [1, 2, 3] })).toThrow("boundaries must rise, got 2,2.");
  });
});
