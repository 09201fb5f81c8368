// A Cloudflare Worker: POST / with samples as nested arrays gives { data, shape }. `npx wrangler dev` with this file as main, and the model's
// file as a Data module (rules: [{ type: "Data", globs: ["**/*.safetensors"] }]).
import { loadModel } from "wasmind";
import file from "./model.safetensors";

const model = loadModel(file, { compile: false });

export default {
  async fetch(request: Request): Promise<Response> {
    if (request.method !== "POST") return Response.json({ error: "POST samples as nested arrays." }, { status: 405 });
    try {
      const { data, shape } = await (await model).predict(await request.json());
      return Response.json({ data: [...data], shape });
    } catch (error) {
      return Response.json({ error: (error as Error).message }, { status: 400 });
    }
  },
};
