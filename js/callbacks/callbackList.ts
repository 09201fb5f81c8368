import { readOptions, show } from "../options.js";
import { type Callback, type CallbackModel, type CallbackParams, type Logs, members } from "./callback.js";

type Hooks = Required<Omit<Callback, "setModel" | "setParams">>;

/** Calls the hooks of several callbacks in order. A hook that nobody has costs one look-up. */
export class CallbackList {
  #listeners = new Map<keyof Callback, Callback[]>();

  constructor(callbacks: readonly Callback[], model: CallbackModel, params: CallbackParams) {
    for (const callback of callbacks) {
      checkCallback(callback);
      callback.setModel?.(model);
      callback.setParams?.(params);
      for (const hook of Object.keys(members) as (keyof Callback)[]) {
        if (callback[hook]) this.#listeners.set(hook, [...(this.#listeners.get(hook) ?? []), callback]);
      }
    }
  }

  /** Whether anybody has the hook: logs that nobody reads need not be made. */
  has(hook: keyof Hooks): boolean {
    return this.#listeners.has(hook);
  }

  /**
   * Gives every callback the same logs, sorted by key as Keras does; what one adds, the next ones see.
   * @returns a promise when a hook gave one: the hooks after it then wait for it
   */
  call<H extends keyof Hooks>(hook: H, ...args: Parameters<Hooks[H]>): Promise<unknown> | undefined {
    const listeners = this.#listeners.get(hook);
    if (!listeners) return undefined;
    const last = args.pop();
    const logs = last instanceof Error ? last : sortedByKey(last as Logs);
    let pending: Promise<unknown> | undefined;
    for (const listener of listeners) {
      const run = () => (listener[hook] as (...args: unknown[]) => unknown)(...args, logs);
      if (pending) pending = pending.then(run);
      else {
        const result = run();
        if (isPromise(result)) pending = result;
      }
    }
    return pending;
  }
}

function checkCallback(callback: unknown): void {
  if (typeof callback !== "object" || callback === null) throw new Error(`callbacks: expected objects with hooks, got ${show(callback)}.`);
  const hooks = Object.entries(callback).filter(([name]) => /^on[A-Z]/.test(name));
  readOptions("callbacks", Object.fromEntries(hooks), members);
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Promise<unknown> | undefined)?.then === "function";
}

function sortedByKey(logs: Logs): Logs {
  return Object.fromEntries(
    Object.keys(logs)
      .sort()
      .map(key => [key, logs[key]]),
  );
}
