import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

interface Import {
  file: string;
  /** relative to the root of its tree, without ending; or a package's name */
  target: string;
  isType: boolean;
}

const sources = (root: string) =>
  readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
    file => file.endsWith(".ts") && !file.endsWith(".d.ts") && !file.includes("__tests__"),
  );

const read = (root: string, file: string) => readFileSync(join(root, file), "utf8");

/** Every import and re-export of a file. An import whose names are all types leaves nothing in JavaScript. */
function importsOf(root: string, file: string): Import[] {
  const statements = read(root, file).matchAll(
    /^(?:import|export)\s+(type\s+)?(\*[^"]*?|\{[^}]*\}|[\w\s,{}*]+?)?\s*(?:from\s+)?"([^"]+)";/gm,
  );
  return [...statements].map(([, type, names = "", path]) => {
    const named = /^\{([^}]*)\}$/s
      .exec(names)?.[1]
      .split(",")
      .filter(name => name.trim());
    const isType = type !== undefined || (named?.every(name => name.trim().startsWith("type ")) ?? false);
    const target = path.startsWith(".") ? normalize(join(dirname(file), path)).replace(/\.js$/, "") : path;
    return { file: file.replace(/\.ts$/, ""), target, isType };
  });
}

/** The files from one to itself along imports; empty when there is no such way. */
function cycle(imports: Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { file, target } of imports) targets.set(file, [...(targets.get(file) ?? []), target]);
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const target of targets.get(file) ?? []) {
      const found = visit(target, [...path, file]);
      if (found.length > 0) return found;
    }
    done.add(file);
    return [];
  };
  for (const file of targets.keys()) {
    const found = visit(file, []);
    if (found.length > 0) return found;
  }
  return [];
}

describe("js/", () => {
  const files = sources("js");
  const imports = files.flatMap(file => importsOf("js", file));

  const ground = ["bytes", "drawing", "format", "host", "options", "random", "tensor"];
  /** for Keras's files alone, which only the entry wasmind/keras and `import()` reach */
  const packages = ["fflate", "jsfive"];
  const functions = ["activations", "constraints", "initializers", "losses", "metrics", "optimizers", "regularizers", "schedules"];
  /** What the values that each part imports may come from, beside the part itself and the ground. */
  const below: Record<string, string[]> = {
    ground: [],
    kernels: [],
    engine: ["#kernels"],
    functions: ["engine"],
    layers: ["engine", "functions"],
    callbacks: [],
    preprocessing: ["preprocessing/padSequences"],
    "preprocessing/padSequences": [],
    utils: ["preprocessing/padSequences"],
    browser: ["files", "files/load", "files/save"],
    js: ["kernels"],
    csv: ["files", "csv-parse"],
    model: ["engine", "functions", "layers", "callbacks"],
    files: ["engine", "functions", "layers", "model"],
    "files/save": ["files"],
    "files/weights": ["files"],
    sequential: ["files", "files/save", "files/weights", "model"],
    "files/load": ["files", "sequential"],
    "files/keras": ["functions", "layers", "model", "files", ...packages],
    keras: ["files", "files/keras", "sequential"],
    inference: ["engine", "files", "model"],
    worker: ["engine", "callbacks", "files", "model"],
  };
  const partOf = (file: string) => {
    if (ground.includes(file.split("/")[0])) return "ground";
    if (functions.includes(file.split("/")[0])) return "functions";
    if (file.startsWith("files/keras/")) return "files/keras";
    return file in below ? file : file.split("/")[0];
  };

  test("is read whole, and every file has its place", () => {
    expect(files.length).toBeGreaterThan(50);
    for (const { file } of imports) expect(["index", ...Object.keys(below)], file).toContain(partOf(file));
    const known = new Set(files.map(file => file.replace(/\.ts$/, "")));
    for (const { target } of imports)
      expect(known.has(target) || /^#|\.wasm|^kernels\/scalar$|^csv-parse\//.test(target) || packages.includes(target), target).toBe(true);
    for (const file of files) {
      const written = (read("js", file).match(/^(import|export)\b[^;]*? from "/gm) ?? []).length;
      expect(importsOf("js", file), file).toHaveLength(written);
    }
  });

  test.each(Object.keys(below))("%s takes values only from what lies below it", part => {
    const own = imports.filter(({ file, isType }) => partOf(file) === part && file !== "index" && !isType);
    for (const { file, target } of own) {
      expect([part, "ground", ...below[part]], `${file} imports ${target}`).toContain(partOf(target));
    }
  });

  test.each([
    ["engine", ["layers", "model", "files", "callbacks", "functions"]],
    ["layers", ["model", "files", "callbacks"]],
    ["functions", ["layers", "model", "files", "callbacks"]],
    ["callbacks", ["engine", "layers", "model", "files", "functions"]],
  ])("%s names nothing of what lies above it, not even a type", (part, above) => {
    const own = imports.filter(({ file }) => partOf(file) === part).map(({ file, target }) => ({ file, target, part: partOf(target) }));
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter(({ part }) => above.includes(part))).toEqual([]);
  });

  test("imports no values in circles", () => {
    expect(cycle(imports.filter(({ isType }) => !isType))).toEqual([]);
  });

  test("has no default exports, and no contents pages but index.ts", () => {
    for (const file of files) {
      expect(read("js", file), file).not.toMatch(/^export default|\bas default\b/m);
      if (!file.endsWith("index.ts")) expect(read("js", file), file).not.toMatch(/^export \*/m);
    }
  });

  test("depends on no package but for Keras's files", () => {
    for (const { file, target } of imports) expect(target.startsWith("#") ? target : ".", file).toMatch(/^(\.|#kernels)$/);
    const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(Object.keys(dependencies)).toEqual(packages);
  });
});

describe("assembly/", () => {
  const files = sources("assembly");
  const imports = files.flatMap(file => importsOf("assembly", file));

  test("is named whole by index.ts, which nobody imports", () => {
    expect(files.length).toBeGreaterThan(10);
    const reached = new Set(["index"]);
    for (const file of reached) for (const one of imports) if (one.file === file) reached.add(one.target);
    expect([...reached].sort()).toEqual(files.map(file => file.replace(/\.ts$/, "")).sort());
    expect(imports.filter(({ target }) => target === "index")).toEqual([]);
  });

  test("imports nothing in circles", () => {
    expect(cycle(imports)).toEqual([]);
  });

  test("stands on simd.ts, which stands on nothing", () => {
    expect(imports.filter(({ file }) => file === "simd")).toEqual([]);
  });

  test("has products below convolutions, and shared rows below kernels", () => {
    const allowed = (file: string) => {
      const [folder] = file.split("/");
      if (folder === "gemm") return ["simd", "gemm"];
      if (folder === "loss") return ["simd", "row", "map", "loss"];
      if (folder === "conv") return ["simd", "row", "gemm", "conv"];
      if (folder === "rnn") return ["simd", "row", "gemm", "activation", "elementwise", "rnn"];
      return ["simd", "row", "map"];
    };
    for (const { file, target } of imports.filter(({ file }) => file !== "index")) {
      expect(allowed(file), `${file} imports ${target}`).toContain(target.split("/")[0]);
    }
  });
});

test("a circle is found", () => {
  const edge = (file: string, target: string): Import => ({ file, target, isType: false });
  expect(cycle([edge("a", "b"), edge("b", "c"), edge("c", "b"), edge("a", "c")])).toEqual(["b", "c", "b"]);
  expect(cycle([edge("a", "b"), edge("b", "c"), edge("a", "c")])).toEqual([]);
});
