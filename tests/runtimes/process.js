// The suite in a process of its own: Node, Deno and Bun run this file.
import { suite } from "./suite.js";

console.log(JSON.stringify(await suite()));
