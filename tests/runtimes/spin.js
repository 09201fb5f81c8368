// A worker that only counts: for as many ms as it is told.
addEventListener("message", ({ data }) => {
  const end = performance.now() + data;
  while (performance.now() < end);
  postMessage(null);
});
