// Decides for each vector local what its lanes are, by what is computed with them, so that bits are taken for another kind as rarely as can be.
import { isVector, read, statements } from "./ir.js";
import { describe, wordsOf } from "./vectors.js";

/** @returns kindOf(function's name, local or "result"): "f32", "i32", "f64" or "bool" */
export function inferKinds(functions) {
  const groups = new Groups();
  /** and, or, not and the like, which give masks or bits of numbers */
  const bitwise = [];
  for (const one of functions) for (const statement of statements(one.body)) learn(one, statement);
  for (let left = bitwise; left.length > 0; ) {
    const isOpen = key => left.some(({ to }) => groups.find(to) === groups.find(key));
    const ready = left.filter(({ operands }) => !operands.some(({ key }) => key && isOpen(key)));
    const now = ready.length > 0 ? ready : left.slice(0, 1);
    for (const each of now) settle(each);
    left = left.filter(each => !now.includes(each));
  }
  return (name, local) => groups.kindOf(`${name} ${local}`);

  function learn({ name }, statement) {
    const operandOf = expression => {
      const value = read(expression);
      return value.kind === "Const" ? { constant: value } : { key: `${name} ${value.index}` };
    };
    /** An operand that is used as lanes of a kind, or goes on as they are into another vector. */
    const take = (expression, as, to) => {
      const { key, constant } = operandOf(expression);
      if (constant) {
        if (as === "any" && to && !isMask(constant)) groups.give(to, "raw");
      } else if (as !== "any") groups.use(key, as);
      else if (to) groups.join(to, key);
    };
    /** An argument: its lanes may be others than those of the parameter. */
    const pass = (expression, to) => {
      const { key, constant } = operandOf(expression);
      if (key) groups.link(to, key);
      else if (!isMask(constant)) groups.give(to, "raw");
    };

    const { kind, index } = statement;
    if (kind === "Return") {
      if (statement.value && isVector(statement.value)) take(statement.value, "any", `${name} result`);
      return;
    }
    const value = kind === "LocalSet" || kind === "Drop" ? read(statement.value) : statement;
    const to = kind === "LocalSet" && isVector(statement.value) ? `${name} ${index}` : null;
    if (value.kind === "Call") {
      for (const [i, operand] of value.operands.entries()) if (isVector(operand)) pass(operand, `${value.target} ${i}`);
      if (to) groups.link(to, `${value.target} result`);
      return;
    }
    if (!to && !takesVectors(value)) return;
    if (value.kind === "Const") return take(value.expression, "any", to);
    const { gives, operands } = describe(value);
    if (gives === "bits") bitwise.push({ to, op: value.op, operands: operands.map(({ value }) => operandOf(value)) });
    else if (to && gives !== "any") groups.give(to, gives);
    for (const { value, as } of operands) if (as !== "bits") take(value, as, to);
  }

  function settle({ to, op, operands }) {
    const numbers = operands.filter(({ key, constant }) => (key ? groups.kindOf(key) !== "bool" : !isMask(constant)));
    // A mask takes lanes as they are, or leaves them out; but "mask and not numbers" turns them over.
    const isChoice = numbers.length < operands.length && (/\.(and|or)$/.test(op) || (op === "v128.andnot" && numbers[0] === operands[0]));
    if (numbers.length === 0) groups.give(to, "bool");
    else if (!isChoice) groups.give(to, "i32");
    else if (numbers[0].key) groups.join(to, numbers[0].key);
  }
}

/**
 * Locals and results that hold the same lanes, with what gives them and what they are used for. Links lead from one function to another: a group that
 * has nothing to say of its own is as all those are that it is linked to.
 */
class Groups {
  #parents = new Map();
  #facts = new Map();

  find(key) {
    const parent = this.#parents.get(key) ?? key;
    if (parent === key) return key;
    const root = this.find(parent);
    this.#parents.set(key, root);
    return root;
  }

  join(a, b) {
    if (this.find(a) === this.find(b)) return;
    const [kept, gone] = [this.#factsOf(a), this.#factsOf(b)];
    for (const kind of gone.gives) kept.gives.add(kind);
    for (const kind of gone.uses) kept.uses.add(kind);
    kept.links.push(...gone.links);
    this.#parents.set(this.find(b), this.find(a));
  }

  link(a, b) {
    this.#factsOf(a).links.push(b);
    this.#factsOf(b).links.push(a);
  }

  give(key, kind) {
    this.#factsOf(key).gives.add(kind);
  }

  use(key, kind) {
    this.#factsOf(key).uses.add(kind);
  }

  kindOf(key) {
    const own = this.#ownKindOf(key);
    if (own) return own;
    const reached = new Set([this.find(key)]);
    const kinds = new Set();
    for (const group of reached) {
      const kind = this.#ownKindOf(group);
      if (kind) kinds.add(kind);
      else for (const other of this.#factsOf(group).links) reached.add(this.find(other));
    }
    const [kind = "i32"] = kinds;
    const isRaw = [...reached].some(group => this.#factsOf(group).gives.has("raw"));
    return kinds.size > 1 || (kind === "bool" && isRaw) ? "i32" : kind;
  }

  /** What is computed of and with a group in its own function, if anything is. */
  #ownKindOf(key) {
    const { gives, uses } = this.#factsOf(key);
    const computed = [...gives].filter(kind => kind !== "raw");
    if (computed.length === 0) return ["f64", "f32", "i32"].find(kind => uses.has(kind));
    return computed.length === 1 && !(computed[0] === "bool" && gives.has("raw")) ? computed[0] : "i32";
  }

  #factsOf(key) {
    const root = this.find(key);
    if (!this.#facts.has(root)) this.#facts.set(root, { gives: new Set(), uses: new Set(), links: [] });
    return this.#facts.get(root);
  }
}

const isMask = constant => wordsOf(constant).every(word => word === 0 || word === -1);

/** Whether what is no vector itself, a number or a statement, is made of vectors. */
const takesVectors = ({ kind, op, value }) => kind.startsWith("SIMD") || op === "v128.any_true" || (kind === "Store" && isVector(value));
