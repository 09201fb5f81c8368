/** How many recorded steps a model keeps. */
const MOST = 32;

/** Recorded steps by what they are for; beyond 32 the oldest go. */
export class StepCache<Step> {
  readonly #steps = new Map<string, Step>();

  get(key: string, record: () => Step): Step {
    let step = this.#steps.get(key);
    if (step === undefined) {
      step = record();
      this.#steps.set(key, step);
      if (this.#steps.size > MOST) this.#steps.delete(this.#steps.keys().next().value!);
    }
    return step;
  }
}
