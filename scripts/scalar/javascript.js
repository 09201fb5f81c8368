// Writes a module without vectors as JavaScript: int32 are whole numbers, float32 are rounded after each operation, and memory is typed arrays.
import { binaryen, functionsOf, read, types } from "./ir.js";

/** What functions call beside those of Math. Added to a float32 below 2^23 and taken away again, ROUNDER leaves it rounded to even. */
const HELPERS = `
const oneFloat = new Float32Array(1);
const oneWord = new Int32Array(oneFloat.buffer);
const bits = x => { oneFloat[0] = x; return oneWord[0]; };
const number = x => { oneWord[0] = x; return oneFloat[0]; };
const copysign = (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x));
const ROUNDER = 1.5 * 2 ** 52;
const nearest = x => (Math.abs(x) < 2 ** 23 ? x + ROUNDER - ROUNDER || x * 0 : x);
const toInt = x => (x >= 2 ** 31 ? 2 ** 31 - 1 : x <= -(2 ** 31) ? -(2 ** 31) : x | 0);
const toUint = x => (x >= 2 ** 32 ? -1 : x <= 0 ? 0 : x | 0);
const copy = (bytes, to, from, size) => bytes.copyWithin(to >>> 0, from >>> 0, (from >>> 0) + (size >>> 0));
const fill = (bytes, to, byte, size) => bytes.fill(byte, to >>> 0, (to >>> 0) + (size >>> 0));`;

/** Operations on floats: [how they are written, whether the result must be rounded to be a float32]. In float64 they are so exact that it is then right. */
const FLOATS = {
  add: [(a, b) => `(${a} + ${b})`, true],
  sub: [(a, b) => `(${a} - ${b})`, true],
  mul: [(a, b) => `(${a} * ${b})`, true],
  div: [(a, b) => `(${a} / ${b})`, true],
  sqrt: [a => `sqrt(${a})`, true],
  convert_i32_s: [a => a, true],
  convert_i32_u: [a => `(${a} >>> 0)`, true],
  demote_f64: [a => a, true],
  promote_f32: [a => a, false],
  reinterpret_i32: [a => `number(${a})`, false],
  neg: [a => `(- ${a})`, false],
  ...Object.fromEntries(
    ["abs", "ceil", "floor", "trunc", "nearest", "min", "max", "copysign"].map(name => [name, [(...args) => `${name}(${args})`, false]]),
  ),
};

/**
 * Operations on int32. Those of LOW look at the lowest 32 bits of their operands only, which may then be wider; results that are wider themselves are
 * cut where that matters.
 */
const LOW = {
  add: (a, b) => `(${a} + ${b})`,
  sub: (a, b) => `(${a} - ${b})`,
  mul: (a, b) => `imul(${a}, ${b})`,
  and: (a, b) => `(${a} & ${b})`,
  or: (a, b) => `(${a} | ${b})`,
  xor: (a, b) => `(${a} ^ ${b})`,
  shl: (a, b) => `(${a} << ${b})`,
  shr_s: (a, b) => `(${a} >> ${b})`,
  shr_u: (a, b) => `(${a} >>> ${b})`,
};
const EXACT = {
  div_s: (a, b) => `(${a} / ${b} | 0)`,
  rem_s: (a, b) => `(${a} % ${b} | 0)`,
  reinterpret_f32: a => `bits(${a})`,
  trunc_sat_f32_s: a => `toInt(${a})`,
  trunc_sat_f64_s: a => `toInt(${a})`,
  trunc_sat_f32_u: a => `toUint(${a})`,
  trunc_sat_f64_u: a => `toUint(${a})`,
};
const COMPARISONS = { eq: "===", ne: "!==", lt: "<", gt: ">", le: "<=", ge: ">=" };

const VIEWS = { i32: "words", f32: "floats", f64: "doubles" };
const COERCIONS = { [types.i32]: name => `${name} |= 0;`, [types.f32]: name => `${name} = fround(${name});` };

const { Calls, WritesLocal, WritesGlobal, WritesMemory, Branches } = binaryen.SideEffects;
const CHANGES = Calls | WritesLocal | WritesGlobal | WritesMemory | Branches;

/** @returns a JavaScript module that exports `instantiate(memory)`, which makes the module's exports for anything with a `buffer` */
export function toJavaScript(module) {
  const exported = Array.from({ length: module.getNumExports() }, (_, i) => binaryen.getExportInfo(module.getExportByIndex(i)));
  const globals = Array.from({ length: module.getNumGlobals() }, (_, i) => binaryen.getGlobalInfo(module.getGlobalByIndex(i)).name);
  const isExported = ({ name }) => exported.some(({ value }) => value === name);
  return `${HELPERS}
export function instantiate(memory) {
  let buffer, views;
  const look = () => {
    buffer = memory.buffer;
    views = { words: new Int32Array(buffer), floats: new Float32Array(buffer), doubles: new Float64Array(buffer), bytes: new Uint8Array(buffer) };
  };
  ${globals.map(name => `let ${name} = 0;`).join("\n")}
  ${functionsOf(module)
    .map(one => new FunctionWriter(module, one).write(isExported(one)))
    .join("\n")}
  const kernels = { ${exported.map(({ name, value }) => `${name}: $${value}`).join(", ")} };
  for (const name in kernels) {
    const kernel = kernels[name];
    kernels[name] = (...args) => {
      if (buffer !== memory.buffer) look();
      kernel(...args);
    };
  }
  return kernels;
}
`;
}

class FunctionWriter {
  constructor(module, one) {
    this.module = module;
    this.one = one;
    /** labels that a jump to goes back */
    this.loops = new Set();
    this.temporaries = [];
  }

  /** @param isExported whether its arguments may be any numbers */
  write(isExported) {
    const { name, params, locals, results, body } = this.one;
    const parameters = params.map((_, i) => `l${i}`);
    const code = results === types.none ? this.statement(body) : this.result(body);
    const coercions = isExported ? params.map((type, i) => COERCIONS[type]?.(parameters[i]) ?? "").join(" ") : "";
    const variables = [...locals.keys()].slice(params.length).map(i => `l${i}`);
    const declared = [...variables, ...this.temporaries].map(variable => `${variable} = 0`);
    return `function $${name}(${parameters}) {
      ${this.shortcuts(coercions + code)}
      ${coercions} ${declared.length > 0 ? `let ${declared};` : ""} ${code}
    }`;
  }

  /** What a function asks for often it asks for once: compilers then know for all of a loop what it is. */
  shortcuts(code) {
    const used = names => names.filter(name => new RegExp(`\\b${name}\\b`).test(code));
    const math = used(["abs", "ceil", "floor", "fround", "imul", "max", "min", "sqrt", "trunc"]);
    const views = used(["words", "floats", "doubles", "bytes"]);
    return `${math.length > 0 ? `const { ${math} } = Math;` : ""} ${views.length > 0 ? `const { ${views} } = views;` : ""}`;
  }

  fail({ op, kind }) {
    throw new Error(`There is no JavaScript for ${op ?? kind} yet: scripts/scalar/javascript.js needs it.`);
  }

  // Statements

  /** A body that gives a value. */
  result(expression) {
    const s = read(expression);
    if (s.type === types.none || s.type === binaryen.unreachable) return this.statement(expression);
    if (s.kind === "Block" && !s.name) {
      return [...s.children.slice(0, -1).map(child => this.statement(child)), this.result(s.children.at(-1))].join(" ");
    }
    return `return ${this.value(expression)};`;
  }

  statement(expression) {
    const s = read(expression);
    switch (s.kind) {
      case "Nop":
        return "";
      case "Unreachable":
        return `throw new Error("unreachable");`;
      case "Block": {
        const inside = s.children.map(child => this.statement(child)).join(" ");
        return s.name ? `$${s.name}: { ${inside} }` : inside;
      }
      case "Loop":
        return this.loop(s);
      case "If": {
        const otherwise = s.ifFalse ? ` else { ${this.statement(s.ifFalse)} }` : "";
        return `if (${this.truth(s.condition)}) { ${this.statement(s.ifTrue)} }${otherwise}`;
      }
      case "Break": {
        const jump = `${this.loops.has(s.name) ? "continue" : "break"} $${s.name};`;
        return s.condition ? `if (${this.truth(s.condition)}) ${jump}` : jump;
      }
      case "LocalSet":
        return `l${s.index} = ${this.value(s.value)};`;
      case "GlobalSet":
        return `${s.name} = ${this.value(s.value)};`;
      case "Store":
        return `${this.place(s, s.op.split(".")[0])} = ${s.op === "i32.store" ? this.low(s.value) : this.value(s.value)};`;
      case "MemoryCopy":
        return `copy(bytes, ${[s.dest, s.source, s.size].map(operand => this.value(operand))});`;
      case "MemoryFill":
        return `fill(bytes, ${[s.dest, s.value, s.size].map(operand => this.value(operand))});`;
      case "Return":
        return s.value ? `return ${this.value(s.value)};` : "return;";
      case "Drop":
        return `${this.value(s.value)};`;
      case "Call":
        return `${this.value(expression)};`;
      default:
        return this.fail(s);
    }
  }

  /** A loop goes on where it is said, and ends otherwise: a test with that behind it is a while. */
  loop({ name, body }) {
    this.loops.add(name);
    const { kind, condition, ifTrue, ifFalse } = read(body);
    const inside = kind === "If" && !ifFalse ? read(ifTrue) : {};
    const last = inside.kind === "Block" && !inside.name ? read(inside.children.at(-1)) : {};
    if (last.kind === "Break" && last.name === name && !last.condition) {
      const statements = inside.children.slice(0, -1).map(child => this.statement(child));
      return `$${name}: while (${this.truth(condition)}) { ${statements.join(" ")} }`;
    }
    return `$${name}: for (;;) { ${this.statement(body)} break; }`;
  }

  // Values

  /** An int32 or a float. */
  value(expression) {
    const s = read(expression);
    const [type, op] = s.op.split(".");
    switch (s.kind) {
      case "Const":
        return Object.is(s.value, -0) ? "-0" : `${s.value}`;
      case "LocalGet":
        return `l${s.index}`;
      case "LocalSet":
        return `(l${s.index} = ${this.value(s.value)})`;
      case "GlobalGet":
        return s.name;
      case "Load":
        return this.place(s, type);
      case "Select":
        return this.select(s, operand => this.value(operand));
      case "If":
        return `(${this.truth(s.condition)} ? ${this.value(s.ifTrue)} : ${this.value(s.ifFalse)})`;
      case "Call":
        return `$${s.target}(${s.operands.map(operand => this.value(operand))})`;
      case "Unary":
      case "Binary":
        if (isTest(s)) return `(${this.truth(expression)} ? 1 : 0)`;
        if (type === "i32") return isWide(s) ? `(${this.low(expression)} | 0)` : this.low(expression);
        return this.float(s, type, op);
      default:
        return this.fail(s);
    }
  }

  float(s, type, op) {
    if (!FLOATS[op] || !VIEWS[type]) this.fail(s);
    const [write, isRounded] = FLOATS[op];
    const code = write(...operandsOf(s).map(operand => this.value(operand)));
    return isRounded && type === "f32" ? `fround(${code})` : code;
  }

  /** A whole number whose lowest 32 bits are those of an int32. */
  low(expression) {
    const s = read(expression);
    if ((s.kind !== "Unary" && s.kind !== "Binary") || isTest(s)) return this.value(expression);
    const op = s.op.split(".")[1];
    if (LOW[op]) return LOW[op](...operandsOf(s).map(operand => this.low(operand)));
    if (EXACT[op]) return EXACT[op](...operandsOf(s).map(operand => this.value(operand)));
    return this.fail(s);
  }

  /** What JavaScript takes for true exactly where an int32 is not 0. */
  truth(expression) {
    const s = read(expression);
    if (s.kind === "Select") return this.select(s, operand => this.truth(operand));
    if (!isTest(s)) return this.value(expression);
    const [op, sign] = s.op.split(".")[1].split("_");
    if (op === "eqz") return `!(${this.truth(s.value)})`;
    const [left, right] = operandsOf(s).map(operand => `(${this.value(operand)}${sign === "u" ? " >>> 0" : ""})`);
    return `(${left} ${COMPARISONS[op]} ${right})`;
  }

  /** WebAssembly looks at the condition last. */
  select({ ifTrue, ifFalse, condition }, write) {
    const hasEffects = [ifTrue, ifFalse, condition].some(operand => binaryen.getSideEffects(operand, this.module) & CHANGES);
    if (!hasEffects) return `(${this.truth(condition)} ? ${write(ifTrue)} : ${write(ifFalse)})`;
    const [yes, no] = [ifTrue, ifFalse].map(operand => {
      const name = `t${this.temporaries.length}`;
      this.temporaries.push(name);
      return { name, code: `${name} = ${write(operand)}` };
    });
    return `(${yes.code}, ${no.code}, ${this.truth(condition)} ? ${yes.name} : ${no.name})`;
  }

  /** A number in memory. All are where a multiple of their size is. */
  place(s, type) {
    const shift = type === "f64" ? 3 : 2;
    if (!VIEWS[type] || s.bytes !== 1 << shift) this.fail(s);
    const { ptr, offset } = s;
    const { op, left, right } = read(ptr);
    const isShifted = op === "i32.shl" && read(right).value === shift && offset % (1 << shift) === 0;
    const index = isShifted
      ? `${this.value(left)}${offset > 0 ? ` + ${offset >> shift}` : ""}`
      : `(${this.low(ptr)}${offset > 0 ? ` + ${offset}` : ""}) >>> ${shift}`;
    return `${VIEWS[type]}[${index}]`;
  }
}

const operandsOf = ({ kind, value, left, right }) => (kind === "Unary" ? [value] : [left, right]);

/** Comparisons, which give truth values in JavaScript. */
const isTest = ({ kind, op }) => (kind === "Unary" || kind === "Binary") && /\.(eqz|eq|ne|[lg][te](_[su])?)$/.test(op);

/** Whether an operation of LOW gives more than an int32: an unsigned shift by a constant leaves no sign. */
function isWide({ op, right }) {
  if (op === "i32.shr_u") return !((read(right).value & 31) > 0);
  return op === "i32.add" || op === "i32.sub";
}
