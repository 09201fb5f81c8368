// Decides for each vector local what its lanes are, by what is computed with them, so that bits are taken for another kind as rarely as can be.
import { isVector, read, statements, types } from "./ir.js";
import { describe, wordsOf } from "./vectors.js";

/** @returns kindOf(function's name, local or "result"): "f32", "i32", "f64" or "bool" */
export function inferKinds(functions) {
  const byName = new Map(functions.map(one => [one.name, one]));
  const parents = new Map();
  const facts = new Map();
  const bitwise = [];

  function find(key) {
    const parent = parents.get(key) ?? key;
    if (parent === key) return key;
    const root = find(parent);
    parents.set(key, root);
    return root;
  }
  const factsOf = key => {
    const root = find(key);
    if (!facts.has(root)) facts.set(root, { gives: new Set(), uses: new Set() });
    return facts.get(root);
  };
  function join(a, b) {
    if (find(a) === find(b)) return;
    const [kept, gone] = [factsOf(a), factsOf(b)];
    for (const kind of gone.gives) kept.gives.add(kind);
    for (const kind of gone.uses) kept.uses.add(kind);
    parents.set(find(b), find(a));
  }

  for (const one of functions) for (const statement of statements(one.body)) learn(one, statement);
  // What and, or and not give hangs on what they are given: masks, or bits of numbers.
  for (let left = bitwise; left.length > 0; ) {
    const ready = left.filter(({ operands }) => !operands.some(({ key }) => left.some(({ to }) => key && find(to) === find(key))));
    const now = ready.length > 0 ? ready : left.slice(0, 1);
    for (const each of now) settle(each);
    left = left.filter(each => !now.includes(each));
  }
  return (name, local) => kindOf(`${name} ${local}`);

  function kindOf(key) {
    const { gives, uses } = factsOf(key);
    const computed = [...gives].filter(kind => kind !== "memory");
    if (computed.length === 1 && (computed[0] !== "bool" || !gives.has("memory"))) return computed[0];
    if (computed.length > 0) return "i32";
    return uses.has("f64") ? "f64" : uses.has("f32") ? "f32" : "i32";
  }

  function learn(one, statement) {
    const key = local => `${one.name} ${local}`;
    const { kind } = statement;
    if (kind === "Return" && statement.value && isVector(statement.value)) return take(one, statement.value, "any", key("result"));
    const value = kind === "LocalSet" || kind === "Drop" ? read(statement.value) : statement;
    const to = kind === "LocalSet" && one.locals[statement.index] === types.v128 ? key(statement.index) : null;
    if (value.kind === "Call") {
      const called = byName.get(value.target);
      for (const [i, operand] of value.operands.entries()) if (isVector(operand)) take(one, operand, "any", `${called.name} ${i}`);
      if (to) join(to, `${called.name} result`);
      return;
    }
    if (!to && !isOfVectors(value)) return;
    const { gives, operands } = describe(value);
    if (to && value.kind === "Const") giveConstant(to, value);
    else if (gives === "bits") bitwise.push({ to, op: value.op, operands: operands.map(({ value }) => operandOf(one, value)) });
    else if (to && gives !== "any") factsOf(to).gives.add(gives);
    for (const { value, as } of operands) if (as !== "bits") take(one, value, as, to);
  }

  /** An operand that is used as lanes of a kind, or goes on as they are into another vector. */
  function take(one, operand, as, to) {
    const { key, constant } = operandOf(one, operand);
    if (constant) {
      if (as === "any" && to) giveConstant(to, constant);
    } else if (as !== "any") factsOf(key).uses.add(as);
    else if (to) join(to, key);
  }

  /** Constants are of every kind, but few of them are masks. */
  function giveConstant(to, constant) {
    if (!isMask(constant)) factsOf(to).gives.add("memory");
  }

  function settle({ to, op, operands }) {
    const numbers = operands.filter(({ key, constant }) => (key ? kindOf(key) !== "bool" : !isMask(constant)));
    if (numbers.length === 0) factsOf(to).gives.add("bool");
    // A mask takes lanes as they are, or leaves them out.
    else if (numbers.length === 1 && operands.length === 2 && /and|or$/.test(op) && !isComplement(op, operands, numbers[0])) {
      if (numbers[0].key) join(to, numbers[0].key);
    } else factsOf(to).gives.add("i32");
  }
}

/** Whether numbers would have to be turned over: mask and not numbers. */
const isComplement = (op, operands, numbers) => op === "v128.andnot" && numbers === operands[1];

export const isMask = constant => wordsOf(constant).every(word => word === 0 || word === -1);

const operandOf = (one, operand) => {
  const value = read(operand);
  return value.kind === "Const" ? { constant: value } : { key: `${one.name} ${value.index}` };
};

/** Whether a value or statement that is no vector itself is computed from vectors, or stores them. */
export function isOfVectors({ kind, op, value }) {
  if (kind.startsWith("SIMD") || op === "v128.any_true") return true;
  return kind === "Store" && isVector(value);
}
