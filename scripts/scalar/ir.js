// The compiler's intermediate representation as it is read here: operands are constants and locals, since it was flattened.
import binaryen from "binaryen";

export { binaryen };

const { ExpressionIds, f32, f64, i32, none, v128 } = binaryen;
export const types = { f32, f64, i32, none, v128 };
const kinds = new Map(Object.entries(ExpressionIds).map(([name, id]) => [id, name.replace(/Id$/, "")]));
const names = new Map();

/** An expression as a plain object: { kind: "Binary", op: "f32.add", type, left, right, ... }; op is its name in the text format. */
export function read(expression) {
  const id = binaryen.getExpressionId(expression);
  // The library has no more to tell of these, and fails.
  if (id === ExpressionIds.Nop || id === ExpressionIds.Unreachable) return { kind: kinds.get(id), expression };
  const info = binaryen.getExpressionInfo(expression);
  const key = `${id} ${info.op} ${info.type} ${info.bytes} ${info.isSigned} ${info.valueType}`;
  if (!names.has(key)) names.set(key, /^\(([\w.]+)/.exec(binaryen.emitText(expression).trim())?.[1]);
  return Object.assign(info, { kind: kinds.get(id), code: info.op, op: names.get(key), expression });
}

/** Every function of a module: { name, params, results, locals (the types of parameters and variables), body }. */
export function functionsOf(module) {
  return Array.from({ length: module.getNumFunctions() }, (_, i) => {
    const info = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    const params = binaryen.expandType(info.params);
    return { ...info, params, locals: [...params, ...info.vars] };
  });
}

/** Whether a value is a vector. */
export const isVector = expression => binaryen.getExpressionType(expression) === binaryen.v128;

/** The statements of a body in order, those inside of others, too, as plain objects. */
export function* statements(expression) {
  const statement = read(expression);
  const inside = {
    Block: () => statement.children,
    Loop: () => [statement.body],
    If: () => [statement.ifTrue, statement.ifFalse].filter(Boolean),
  }[statement.kind];
  if (!inside) yield statement;
  else for (const child of inside()) yield* statements(child);
}
