// Numbers as text by Python's rules, which Keras's tables and progress lines show.

/** A fixed number of decimals. Exact ties go to the even digit: 0.53125 → "0.5312", where JavaScript's own toFixed says "0.5313". */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const rounded = value.toFixed(digits);
  // a tie is an odd multiple of 5 · 10^-(digits + 1); of these, binary fractions hold the odd multiples of 2^-(digits + 1) alone
  const isTie = Math.abs(value * 2 ** (digits + 1)) % 2 === 1;
  if (!isTie || Number(rounded.at(-1)) % 2 === 0) return rounded;
  return (value - Math.sign(value) * 10 ** -(digits + 1)).toFixed(digits);
}

/** 1.2345e-05: four decimals and an exponent of two digits or more. */
export function exponential(value: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  return value.toExponential(4).replace(/e([+-])(\d)$/, "e$10$2");
}

/** 1234567 → "1,234,567" */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

function notFinite(value: number): string {
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}
