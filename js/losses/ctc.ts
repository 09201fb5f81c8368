import { formatShape } from "../tensor.js";
import { type Loss, type LossOptions, lossOf, readLoss } from "./loss.js";

/**
 * Connectionist temporal classification (Graves et al., 2006): -log of the probability that a sequence says its labels, with any number of
 * repetitions and blanks between them. The model's outputs are logits [samples, steps, classes], of which class 0 is the blank; labels, of
 * shape [samples, steps], are the classes in order, without blanks, and zeros behind them. The loss is infinite where there are too few steps to say them.
 */
export function ctc(options?: LossOptions): Loss {
  const config = readLoss("ctc", options, {});
  return lossOf({ className: "CTC", config, labels: "classes" }, (plan, args, { range }) => {
    const { shape } = args.y;
    if (shape.length !== 3) {
      throw new Error(`ctc: expected outputs of shape (None, steps, classes), got ${formatShape([null, ...shape.slice(1)])}.`);
    }
    const [batch, steps] = shape;
    // every step holds its sequence's loss: a mean over steps is one over sequences, of a sum each has its share
    const share = config.reduction === "sum" ? 1 / steps : 1;
    const room = plan.slot(2 * batch * ((steps + 2) * (2 * steps + 1) + steps));
    plan.call("ctc", { ...args, room, steps, share }, { range: range / steps });
  });
}
