import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { classes } from "../js/layers/index.js";
import { runAlone } from "./alone.js";
import { camelKeys } from "./keras/build.js";
import { expectNear } from "./keras/close.js";

interface Case {
  className: string;
  config: Record<string, unknown>;
  shape: number[];
  y: number[];
}

const { inputs, cases }: { inputs: { shape: number[]; data: number[] }[]; cases: Case[] } = JSON.parse(
  readFileSync(new URL("fixtures/images.json", import.meta.url), "utf8"),
);

describe("In training, where nothing is left to chance, Keras's images come out of", () => {
  test.each([...new Set(cases.map(({ className }) => className))])("%s", async name => {
    for (const { className, config, shape, y } of cases.filter(({ className }) => className === name)) {
      const layer = new classes[className](camelKeys(config));
      const { data } = inputs.find(input => input.shape.join() === shape.join())!;
      const got = await runAlone(layer, { data: Float32Array.from(data), shape });
      expectNear(`${JSON.stringify(config)} ${shape}`, Array.from(got.y.data), y, 1e-5);
      expect(got.y.shape).toEqual(shape);
    }
  });
});
