// The order in which Keras keeps an optimizer's variables: optimizer/vars/0, 1, ...

import type { Optimizer } from "../../optimizers/index.js";

/**
 * All of an optimizer's variables by our names, single numbers by Keras's: the order of Keras 3.15, and with `isOld` that of its first releases.
 * They differ for Nadam, and where gradients are gathered and weights averaged.
 */
export function variablesOf(optimizer: Optimizer, trained: readonly string[], isOld = false): string[] {
  const { useEma, gradientAccumulationSteps } = optimizer.options;
  const block = (names: readonly string[]) => trained.flatMap(path => names.map(name => `${name}/${path}`));
  const blocks = (names: readonly string[]) => names.flatMap(name => block([name]));
  const before = [...(useEma ? ["average"] : []), ...(gradientAccumulationSteps ? ["gradient_accumulator"] : [])];
  const slots = optimizer.state.slice(before.length);
  const apart = optimizer.className === "RMSprop" ? slots : slots.filter(name => name === "velocity_hat");
  const product = optimizer.className === "Nadam" ? ["u_product"] : [];
  return [
    "iteration",
    ...(typeof optimizer.learningRate === "number" ? ["learning_rate"] : []),
    ...(isOld ? [...product, ...block(before)] : blocks(before)),
    ...block(slots.filter(name => !apart.includes(name))),
    ...blocks(apart),
    ...(isOld ? [] : product),
  ];
}
