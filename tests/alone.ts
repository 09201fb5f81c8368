// A layer by itself: what it makes of one batch, without a model around it.
import { Engine } from "../js/engine/engine.js";
import { Plan } from "../js/engine/plan.js";
import type { Tensor } from "../js/index.js";
import type { Layer } from "../js/layers/layer.js";

/** Runs a layer of no weights on x, and its way back on dy; both in training, unless `training` is false. */
export async function runAlone(layer: Layer, x: Tensor, { dy = null as Tensor | null, training = true, seed = 1, step = 0 } = {}) {
  layer.ensureBuilt(x.shape.slice(1));
  const plan = new Plan(training);
  plan.owner = layer.name;
  const input = plan.keep(plan.input(x.shape));
  input.needsGradient = dy !== null;
  const { y, backward } = layer.apply(plan, input);
  plan.keep(y);
  const forward = plan.calls.length;
  const back = dy && plan.input(dy.shape);
  const dx = back && backward(back);
  if (dx) plan.keep(dx);
  const engine = new Engine();
  await engine.ready();
  engine.enter(plan);
  for (const { slot, seed: own } of plan.randomStates) engine.arena.words.set([own ?? seed, 0, step, 0], slot.address / 4);
  const { arena } = engine;
  arena.read(input).set(x.data);
  engine.run(plan, plan.calls.slice(0, forward));
  const result = { y: { data: arena.read(y).slice(), shape: [...y.shape] }, dx: null as Tensor | null };
  if (back && dx) {
    arena.read(back).set(dy.data);
    engine.run(plan, plan.calls.slice(forward));
    result.dx = { data: arena.read(dx).slice(), shape: [...dx.shape] };
  }
  return result;
}
