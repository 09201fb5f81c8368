// The suite as an answer to a request: when an application is compiled it may not ask for the time.
addEventListener("fetch", event => event.respondWith(answer()));

async function answer() {
  const { suite } = await import("./suite.js");
  // There is no AbortController, and the large model would take minutes.
  return new Response(JSON.stringify(await suite(["two threads", "fit stops at an AbortSignal"])));
}
