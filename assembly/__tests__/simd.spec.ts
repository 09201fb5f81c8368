import { reduceAdd } from "../simd";

describe("reduceAdd", () => {
  it("adds the four lanes", () => {
    expect<f32>(reduceAdd(f32x4(1, 20, 300, 4000))).toBe(4321);
  });
});
