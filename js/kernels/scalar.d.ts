// scripts/build.js writes scalar.js into dist/kernels/.
import type { JavaScriptKernels } from "./build.js";

export const instantiate: JavaScriptKernels;
