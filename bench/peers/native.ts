import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Remote, remote } from "./remote.js";

const INSTALLED = new URL("../../build/native/bin/python", import.meta.url);
const SERVER = fileURLToPath(new URL("../native/server.py", import.meta.url));

export const NATIVE = {
  keras: "Keras on JAX",
  torch: "PyTorch",
  "torch-compiled": "PyTorch, compiled",
};

/** A native library on one core, or the line that says why it is missing. */
export async function native(which: keyof typeof NATIVE): Promise<Remote | string> {
  const python = process.env["PYTHON"] ?? (existsSync(INSTALLED) ? fileURLToPath(INSTALLED) : "python3");
  try {
    return await remote(NATIVE[which], python, [SERVER, which]);
  } catch (error) {
    return `No ${NATIVE[which]}: ${(error as Error).message}. bench/native/README.md says how to install it.`;
  }
}
