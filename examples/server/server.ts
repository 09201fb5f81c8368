// A model behind HTTP: POST /predict with one sample as a JSON array of numbers gives the outputs as one.
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Sequential } from "wasmind";
import { type BatchingOptions, batched } from "./batching.js";

const MOST_BYTES = 1_000_000;

/** A server of one model, which all requests share. It does not listen yet. */
export function serverOf(model: Sequential, options?: BatchingOptions): Server {
  const predict = batched(model, options);
  return createServer(async (request, response) => {
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    if (request.url === "/counts") return send(200, predict.counts);
    if (request.method !== "POST" || request.url !== "/predict") return send(404, { error: "POST /predict is what there is." });
    try {
      const sample: unknown = JSON.parse(await bodyOf(request));
      if (!Array.isArray(sample)) throw new RangeError("expected an array of numbers");
      send(200, [...(await predict(sample))]);
    } catch (error) {
      const isTheirs = error instanceof SyntaxError || error instanceof RangeError;
      if (!isTheirs) console.error(error);
      send(isTheirs ? 400 : 500, { error: isTheirs ? error.message : "The prediction failed." });
    }
  });
}

/** @throws when it is longer than a sample may be */
async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new RangeError(`the body is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
