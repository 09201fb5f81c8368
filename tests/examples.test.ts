import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { run } from "../examples/custom-layer/spirals.js";
import { drawDigit, sideBySide } from "../examples/digits/draw.js";
import { loadDigits } from "../examples/digits/load.js";
import { classesOf, confusionMatrix, formatMatrix, formatPrecisionAndRecall, precisionAndRecall } from "../examples/digits/report.js";

describe("the digits", () => {
  const { images, labels } = loadDigits();

  test("are 10,000 images in order of what they show", () => {
    expect(images.shape).toEqual([10000, 28, 28, 1]);
    expect(images.data).toHaveLength(10000 * 784);
    const counts = Array<number>(10).fill(0);
    for (const label of labels) counts[label]++;
    // the lengths of the package's files, / 784
    expect(counts).toEqual([1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
    expect([...labels]).toEqual([...labels].sort());
  });

  test("have ink from 0 to 1 in the middle and none in the corners", () => {
    let [least, most, total, corners] = [1, 0, 0, 0];
    for (const [i, ink] of images.data.entries()) {
      least = Math.min(least, ink);
      most = Math.max(most, ink);
      total += ink;
      const [row, column] = [Math.floor((i % 784) / 28), i % 28];
      if ((row < 2 || row > 25) && (column < 2 || column > 25)) corners += ink;
    }
    expect([least, most, corners]).toEqual([0, 1, 0]);
    // MNIST's mean is 0.1307
    expect(total / images.data.length).toBeCloseTo(0.1307, 2);
  });
});

describe("the report", () => {
  const matrix = confusionMatrix([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 0], 3);

  test("takes the most probable class", () => {
    expect(classesOf({ data: Float32Array.of(0.1, 0.7, 0.2, 0.5, 0.1, 0.4), shape: [2, 3] })).toEqual([1, 0]);
  });

  test("counts what was read as what", () => {
    expect(matrix).toEqual([
      [2, 1, 0],
      [0, 2, 0],
      [1, 0, 0],
    ]);
    const measured = precisionAndRecall(matrix);
    expect(measured[0]).toEqual({ precision: 2 / 3, recall: 2 / 3, count: 3 });
    expect(measured[1]).toEqual({ precision: 2 / 3, recall: 1, count: 2 });
    expect(measured[2]).toEqual({ precision: Number.NaN, recall: 0, count: 1 });
  });

  test("is laid out in columns", () => {
    expect(formatPrecisionAndRecall(matrix).split("\n").slice(0, 3)).toEqual([
      "digit  precision   recall   count",
      "    0     0.6667   0.6667       3",
      "    1     0.6667   1.0000       2",
    ]);
    expect(formatMatrix(matrix).split("\n")).toEqual([
      "read as   0    1    2",
      "     ┌───────────────",
      "   0 │    2    1    ·",
      "   1 │    ·    2    ·",
      "   2 │    1    ·    ·",
    ]);
  });
});

describe("drawing", () => {
  test("puts two pixels into a character and leaves the margins away", () => {
    const ink = new Float32Array(64);
    const [full, upper, lower, faint] = [2 * 8 + 2, 2 * 8 + 4, 3 * 8 + 5, 4 * 8 + 3];
    for (const pixel of [full, full + 8, upper, lower]) ink[pixel] = 1;
    ink[faint] = 0.2;
    expect(drawDigit(ink, 8)).toEqual(["█ ▀▄", "    "]);
  });

  test("sets blocks beside each other", () => {
    const blocks = [
      { title: "one", lines: ["█", "██"] },
      { title: "2", lines: ["▀▀▀▀"] },
    ];
    expect(sideBySide(blocks).split("\n")).toEqual(["one   2", "█     ▀▀▀▀", "██"]);
    expect(sideBySide([])).toBe("");
  });
});

describe("a layer of one's own", () => {
  test("learns, and comes back from a file as it was", async () => {
    const { model, again, x, y } = await run();
    expect((await model.evaluate(x, y, { verbose: 0 })).accuracy).toBeGreaterThan(0.97);
    expect(again.layers.map(({ className }) => className)).toEqual(model.layers.map(({ className }) => className));
    expect(again.layers[1].namedWeights.map(([path]) => path.slice(path.indexOf("/")))).toEqual(["/scale", "/f/kernel", "/f/bias"]);
    expect((await again.predict(x)).data).toEqual((await model.predict(x)).data);
    // the optimizer's state came along
    await Promise.all([model, again].map(one => one.fit(x, y, { epochs: 1, shuffle: false, verbose: 0 })));
    expect(again.getWeights()).toEqual(model.getWeights());
  });
});

describe("the lecture's programs", () => {
  const programs = readdirSync("examples/lecture").filter(file => file.endsWith(".ts") && file !== "shared.ts");
  const run = (file: string) =>
    promisify(execFile)(process.execPath, ["node_modules/tsx/dist/cli.mjs", `examples/lecture/${file}`], { timeout: 170_000 });

  test("stand in the list, each with a first line that says what it shows", () => {
    const listed = [...readFileSync("examples/README.md", "utf8").matchAll(/^\|[^|]*\| `([\w-]+)` \|/gm)].map(([, name]) => `${name}.ts`);
    expect(listed.sort()).toEqual([...programs].sort());
    for (const file of programs) expect(readFileSync(`examples/lecture/${file}`, "utf8"), file).toMatch(/^\/\/ .{20,}/);
  });

  // what they import is the built library, as it is for everyone who installs it
  test.each(programs)("%s reaches what it promises", { timeout: 180_000 }, async file => {
    const { stdout } = await run(file);
    expect(stdout).toMatch(/^✓ /m);
    expect(stdout).not.toMatch(/^✗ /m);
  });
});
