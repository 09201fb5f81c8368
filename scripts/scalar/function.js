// Rewrites one function: a vector local becomes a local a lane, and a statement on vectors one a lane. Everything else stays as it is.
import { binaryen, isVector, read, types } from "./ir.js";
import { ConstantLanes, calculate, combineBits, Lanes, pickLanes, selectBits, selectLanes, shuffleLanes } from "./lanes.js";
import { describe } from "./vectors.js";

const NOTHING = { value: Array(16).fill(0) };
const TYPES = { f32: types.f32, i32: types.i32, f64: types.f64, bool: types.i32 };

/** The global that holds a lane of a result: the first lane is what a function returns. */
const globalOf = (kind, lane) => `${kind === "f32" ? "f32" : "i32"}_${lane}`;

export class FunctionLowering {
  /**
   * @param m the module that the function goes to
   * @param one the function
   * @param program what is known of all of them: kindOf(name, local), isLanewise(name), resultsOf(name)
   */
  constructor(m, one, program) {
    this.m = m;
    this.one = one;
    this.program = program;
    this.width = program.isLanewise(one.name) ? 1 : 4;
    /** types of the new locals */
    this.locals = [];
    /** for each old local the new ones */
    this.places = one.locals.map((type, local) => (type === types.v128 ? this.allotLanes(this.kindOf(local)) : [this.allot(type)]));
  }

  run() {
    const { m, one } = this;
    const params = this.places.slice(0, one.params.length).flat().length;
    const paramTypes = this.locals.slice(0, params);
    const result = one.results === types.v128 ? TYPES[this.kindOf("result")] : one.results;
    const body = this.statement(one.body);
    m.addFunction(one.name, binaryen.createType(paramTypes), result, this.locals.slice(params), body);
  }

  kindOf(local) {
    return this.program.kindOf(this.one.name, local);
  }

  allot(type) {
    return this.locals.push(type) - 1;
  }

  widthOf(kind) {
    return Math.min(this.width, kind === "f64" ? 2 : 4);
  }

  allotLanes(kind) {
    return Array.from({ length: this.widthOf(kind) }, () => this.allot(TYPES[kind]));
  }

  fail({ op, kind }) {
    throw new Error(`Function ${this.one.name}: ${op ?? kind} has no scalar form yet: scripts/scalar/ needs one.`);
  }

  // Statements

  statement(expression) {
    const { m } = this;
    const s = read(expression);
    switch (s.kind) {
      case "Nop":
        return m.nop();
      case "Unreachable":
        return m.unreachable();
      case "Block":
        return m.block(
          s.name,
          s.children.map(child => this.statement(child)),
          types.none,
        );
      case "Loop":
        return m.loop(s.name, this.statement(s.body));
      case "If":
        return m.if(this.scalar(s.condition), this.statement(s.ifTrue), s.ifFalse ? this.statement(s.ifFalse) : undefined);
      case "Break":
        return m.br(s.name, s.condition ? this.scalar(s.condition) : undefined);
      case "MemoryCopy":
        return m.memory.copy(this.scalar(s.dest), this.scalar(s.source), this.scalar(s.size));
      case "MemoryFill":
        return m.memory.fill(this.scalar(s.dest), this.scalar(s.value), this.scalar(s.size));
      case "Call":
        return this.call(s);
      case "Drop":
        return this.drop(s);
      case "Return":
        return s.value && isVector(s.value) ? this.giveBack(s.value) : m.return(s.value ? this.scalar(s.value) : undefined);
      case "LocalSet":
        if (isVector(s.value)) return this.set(s.index, read(s.value));
        return m.local.set(this.places[s.index][0], this.scalar(s.value));
      case "Store":
        if (isVector(s.value)) return this.store(s, this.lanesOf(s.value));
        return binaryen._BinaryenStore(m.ptr, s.bytes, s.offset, s.align, this.scalar(s.ptr), this.scalar(s.value), typeOf(s.value), 0);
      case "SIMDLoadStoreLane":
        return this.store(s, this.lanesOf(s.vec));
      default:
        return this.fail(s);
    }
  }

  sequence(statements) {
    return this.m.block(null, statements, types.none);
  }

  drop({ value }) {
    if (!isVector(value)) return this.m.drop(this.scalar(value));
    const dropped = read(value);
    if (dropped.kind === "Call" && !this.program.isLanewise(dropped.target)) return this.m.drop(this.call(dropped));
    return this.m.nop();
  }

  giveBack(expression) {
    const { m } = this;
    const kind = this.kindOf("result");
    const lanes = this.lanesOf(expression).as(kind);
    const rest = lanes.lanes.slice(1).map((_, i) => m.global.set(globalOf(kind, i + 1), lanes.at(i + 1)));
    return this.sequence([...rest, m.return(lanes.at(0))]);
  }

  set(local, value) {
    const { m } = this;
    const before = [];
    const kind = this.kindOf(local);
    const lanes = this.compute(value, kind, before).as(kind);
    const sets = places => places.map((place, i) => m.local.set(place, lanes.at(i)));
    const to = this.places[local];
    if (value.kind === "Call" || describe(value).isLanewise) return this.sequence([...before, ...sets(to)]);
    // A lane may be needed for another one after it has its new value.
    const copies = this.allotLanes(kind);
    return this.sequence([...before, ...sets(copies), ...to.map((place, i) => m.local.set(place, m.local.get(copies[i], TYPES[kind])))]);
  }

  /** @param lane of a call of a function that is called for each */
  call({ target, operands }, lane = 0) {
    const { kindOf, isLanewise, resultsOf } = this.program;
    const args = operands.flatMap((operand, i) => {
      if (!isVector(operand)) return [this.scalar(operand)];
      const lanes = this.lanesOf(operand).as(kindOf(target, i));
      return isLanewise(target) ? [lanes.at(lane)] : lanes.lanes.map(make => make());
    });
    const results = resultsOf(target);
    return this.m.call(target, args, results === types.v128 ? TYPES[kindOf(target, "result")] : results);
  }

  // Memory. Addresses of vectors are multiples of a lane's size, and are said in lanes, so that those of one vector differ by a constant.

  baseOf({ ptr }, before) {
    const { m } = this;
    const base = this.allot(types.i32);
    before.push(m.local.set(base, m.i32.shr_u(this.scalar(ptr), m.i32.const(2))));
    return () => m.i32.shl(m.local.get(base, types.i32), m.i32.const(2));
  }

  store(s, lanes) {
    const before = [];
    const base = this.baseOf(s, before);
    if (lanes.kind !== "f32" && lanes.kind !== "i32") return this.store(s, lanes.as("i32"));
    const values = lanes.as(lanes.kind);
    const stores = lanesIn(s).map((lane, i) => this.m[lanes.kind].store(s.offset + 4 * i, 4, base(), values.at(lane)));
    return this.sequence([...before, ...stores]);
  }

  load(s, kind, before) {
    const { m } = this;
    if (kind !== "f32" && kind !== "i32") return this.fail(s);
    if (s.op === "v128.load32_splat") {
      const word = this.allot(TYPES[kind]);
      before.push(m.local.set(word, m[kind].load(s.offset, 4, this.scalar(s.ptr))));
      return new Lanes(
        m,
        kind,
        Array(this.width).fill(() => m.local.get(word, TYPES[kind])),
      );
    }
    const base = this.baseOf(s, before);
    const loaded = lanesIn(s);
    const rest = (s.vec ? this.lanesOf(s.vec) : new ConstantLanes(m, NOTHING, this.width)).as(kind).lanes;
    const load = lane => () => m[kind].load(s.offset + 4 * loaded.indexOf(lane), 4, base());
    return new Lanes(
      m,
      kind,
      [0, 1, 2, 3].map(lane => (loaded.includes(lane) ? load(lane) : rest[lane])),
    );
  }

  // Values

  scalar(expression) {
    const { m } = this;
    const s = read(expression);
    switch (s.kind) {
      case "Const":
        return m[s.op.split(".")[0]].const(s.value);
      case "LocalGet":
        return m.local.get(this.places[s.index][0], s.type);
      case "Unary":
        return s.op === "v128.any_true" ? this.anyTrue(s.value) : binaryen._BinaryenUnary(m.ptr, s.code, this.scalar(s.value));
      case "Binary":
        return binaryen._BinaryenBinary(m.ptr, s.code, this.scalar(s.left), this.scalar(s.right));
      case "Select":
        return m.select(this.scalar(s.condition), this.scalar(s.ifTrue), this.scalar(s.ifFalse));
      case "Load":
        return binaryen._BinaryenLoad(m.ptr, s.bytes, s.isSigned, s.offset, s.align, s.type, this.scalar(s.ptr), 0);
      case "Call":
        return this.call(s);
      case "SIMDExtract":
        return this.lanesOf(s.vec).as(describe(s).gives).at(s.index);
      default:
        return this.fail(s);
    }
  }

  anyTrue(value) {
    const { m } = this;
    const lanes = this.lanesOf(value);
    const bits = lanes.as(lanes.isMask ? "bool" : "i32");
    return m.i32.ne(
      bits.lanes.map(make => make()).reduce((a, b) => m.i32.or(a, b)),
      m.i32.const(0),
    );
  }

  /** An operand: a local or a constant. */
  lanesOf(expression) {
    const { m } = this;
    const value = read(expression);
    if (value.kind === "Const") return new ConstantLanes(m, value, this.width);
    const kind = this.kindOf(value.index);
    return new Lanes(
      m,
      kind,
      this.places[value.index].map(place => () => m.local.get(place, TYPES[kind])),
    );
  }

  /** The lanes of a value, of a kind where they have none of their own. @param before gets what must be done first */
  compute(value, kind, before) {
    const { m } = this;
    const { op } = value;
    const lanes = (...operands) => operands.map(operand => this.lanesOf(operand));
    const moved = (...operands) => lanes(...operands).map(one => one.as(kind));
    switch (value.kind) {
      case "Call":
        return this.callForLanes(value);
      case "LocalGet":
      case "Const":
        return this.lanesOf(value.expression);
      case "Load":
      case "SIMDLoad":
      case "SIMDLoadStoreLane":
        return this.load(value, kind, before);
      case "Select": {
        const [yes, no] = moved(value.ifTrue, value.ifFalse);
        return selectLanes(
          new Lanes(
            m,
            "bool",
            Array(this.width).fill(() => this.scalar(value.condition)),
          ),
          yes,
          no,
        );
      }
      case "SIMDShuffle":
        return shuffleLanes(...moved(value.left, value.right), value.mask);
      case "SIMDTernary":
        return selectBits(...lanes(value.c, value.a, value.b), kind);
    }
    const instruction = describe(value);
    if (op === "i8x16.swizzle") return pickLanes(...moved(value.left), this.lanesOf(value.right).as("i32"));
    if (instruction.gives === "bits") return combineBits(op.split(".")[1], lanes(...instruction.operands.map(({ value }) => value)), kind);
    const scalars = [value.value, value.shift].filter(operand => operand && !isVector(operand)).map(operand => () => this.scalar(operand));
    const operands = instruction.operands.map(({ value, as }) => this.lanesOf(value).as(as));
    return calculate(m, instruction, operands, scalars, this.width);
  }

  /** A function's result: its first lane must be asked for first. */
  callForLanes(value) {
    const { m, program } = this;
    const kind = program.kindOf(value.target, "result");
    const lane = program.isLanewise(value.target)
      ? i => () => this.call(value, i)
      : i => () => (i === 0 ? this.call(value) : m.global.get(globalOf(kind, i), TYPES[kind]));
    return new Lanes(
      m,
      kind,
      Array.from({ length: this.widthOf(kind) }, (_, i) => lane(i)),
    );
  }
}

const typeOf = binaryen.getExpressionType;

/** The lanes that an instruction loads or stores, in order of their addresses. */
function lanesIn({ op, index = 0 }) {
  if (/32_(lane|zero)$/.test(op)) return [index];
  return /64_(lane|zero)$/.test(op) ? [2 * index, 2 * index + 1] : [0, 1, 2, 3];
}
