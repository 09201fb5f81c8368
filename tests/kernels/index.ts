import * as elementwise from "./elementwise.js";
import type { Row } from "./row.js";

/** Every kernel with its cases: the tests, the gradient checks and the bench all read this table. */
export const rows: Row[] = [elementwise].flatMap(file => Object.values(file));
