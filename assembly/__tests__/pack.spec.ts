import { packB, transpose } from "../gemm/pack";

/** what stands at row i and column j */
const element = (i: i32, j: i32): f32 => f32(i * 100 + j);

/** a matrix of these rows and columns */
function matrix(rows: i32, columns: i32): StaticArray<f32> {
  const x = new StaticArray<f32>(rows * columns);
  for (let i = 0; i < rows; ++i) {
    for (let j = 0; j < columns; ++j) x[i * columns + j] = element(i, j);
  }
  return x;
}

const at = (x: StaticArray<f32>): usize => changetype<usize>(x);

/** Panel j / 8 holds, for each row p, columns 8·(j / 8) to 8·(j / 8) + 7 of B[k,n], and zeros behind column n. */
function expectPanels(panels: StaticArray<f32>, k: i32, n: i32): void {
  for (let j = 0; j < ((n + 7) / 8) * 8; ++j) {
    for (let p = 0; p < k; ++p) {
      expect<f32>(panels[(j / 8) * 8 * k + p * 8 + (j % 8)]).toBe(j < n ? element(p, j) : 0);
    }
  }
}

describe("packB", () => {
  it("lays 8 columns at a time one row under the other", () => {
    const panels = new StaticArray<f32>(16 * 5).fill(NaN);
    packB(at(panels), at(matrix(5, 11)), 11, 1, 5, 11, 0, 2);
    expectPanels(panels, 5, 11);
  });

  it("lays the transpose of a matrix out alike", () => {
    const b = matrix(6, 11);
    const stored = new StaticArray<f32>(11 * 6);
    transpose(at(stored), 6, at(b), 11, 6, 11);
    const panels = new StaticArray<f32>(16 * 6).fill(NaN);
    packB(at(panels), at(stored), 1, 6, 6, 11, 0, 2);
    expectPanels(panels, 6, 11);
  });

  it("writes only the panels of its range", () => {
    const panels = new StaticArray<f32>(24 * 4).fill(-1);
    packB(at(panels), at(matrix(4, 24)), 24, 1, 4, 24, 1, 2);
    for (let i = 0; i < 96; ++i) expect<bool>(panels[i] === -1).toBe(i < 32 || i >= 64);
  });
});

describe("transpose", () => {
  it("takes any number of rows and columns", () => {
    for (let rows = 0; rows < 10; ++rows) {
      for (let columns = 0; columns < 10; ++columns) {
        const to = new StaticArray<f32>(columns * rows);
        transpose(at(to), rows, at(matrix(rows, columns)), columns, rows, columns);
        for (let i = 0; i < rows; ++i) {
          for (let j = 0; j < columns; ++j) expect<f32>(to[j * rows + i]).toBe(element(i, j));
        }
      }
    }
  });
});
