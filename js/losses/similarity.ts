import { checkBoolean, checkNumber } from "../options.js";
import { type Loss, type LossOptions, lossOf, readLoss } from "./loss.js";

interface CircleOptions extends LossOptions {
  /** how steep; default 80 */
  gamma?: number;
  /** how far from 1 and 0 similarities may be, from 0 to 1; default 0.4 */
  margin?: number;
  /** whether an embedding is no partner of itself; default true */
  removeDiagonal?: boolean;
}

/**
 * Brings embeddings of one label together and parts those of different ones, over all pairs of a batch (Sun et al., 2020). Labels are whole
 * numbers, one a sample; the model's outputs should have the length 1. Samples without a partner, or without an opponent, do not count.
 */
export function circle(options?: CircleOptions): Loss {
  const config = readLoss("circle", options, { gamma: 80, margin: 0.4, removeDiagonal: true });
  const { gamma, margin, removeDiagonal, reduction } = config;
  checkNumber("circle", "gamma", gamma, 0);
  checkNumber("circle", "margin", margin, 0, 1);
  checkBoolean("circle", "removeDiagonal", removeDiagonal);
  const mean = reduction === "sum" ? 0 : reduction === "mean_with_sample_weight" ? 2 : 1;
  return lossOf({ className: "Circle", config, labels: "groups" }, (plan, args, { range: rows }) => {
    const own = { rows, gamma, margin, removeDiagonal: Number(removeDiagonal), mean };
    plan.call("circle", { ...args, ...own, slopes: plan.slot(rows * rows) });
  });
}
