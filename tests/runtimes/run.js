// A test runner of a few lines, for runtimes that have none.
import { engineInfo } from "wasmind";

/** Runs functions by name; a report of them and of the engine. */
export async function run(tests) {
  const failed = [];
  let passed = 0;
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      passed++;
    } catch (error) {
      failed.push(`${name}: ${error?.stack ?? error}`);
    }
  }
  return { ...engineInfo(), passed, failed };
}

export function check(holds, message) {
  if (!holds) throw new Error(message);
}

export async function failure(run) {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
