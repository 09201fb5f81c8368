// A suite in a process of its own: Node, Deno and Bun run this file with the suite's.
const { suite } = await import(process.argv[2]);

console.log(JSON.stringify(await suite()));
