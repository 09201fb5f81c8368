import { readOptions } from "../options.js";
import { type Callback, members } from "./callback.js";

/** Keras's LambdaCallback: a callback of the given hooks, whose names are checked. */
export function lambda(hooks: Callback): Callback {
  return readOptions("lambda", hooks, members);
}
