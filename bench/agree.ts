/** The largest |got - truth| / max(1, |truth|); an error that names the culprit if it is over the tolerance. */
export function agree(who: string, got: ArrayLike<number>, truth: ArrayLike<number>, tolerance: number): number {
  if (got.length !== truth.length) throw new Error(`${who} gave ${got.length} numbers, expected ${truth.length}`);
  let worst = 0;
  for (let i = 0; i < truth.length; i++) {
    if (Object.is(got[i], truth[i])) continue; // infinite or NaN as it should be, too
    const error = Math.abs(got[i] - truth[i]) / Math.max(1, Math.abs(truth[i]));
    if (!(error <= tolerance)) throw new Error(`${who} gave ${got[i]} at ${i}, expected ${truth[i]}`);
    worst = Math.max(worst, error);
  }
  return worst;
}
