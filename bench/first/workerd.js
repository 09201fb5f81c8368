// A worker of Cloudflare's that predicts with the model beside it.
import { loadModel } from "../../dist/index.js";
import file from "./model.safetensors";
import x from "./x.bin";

export default {
  async fetch() {
    const model = await loadModel(file);
    const { data } = await model.predict(new Float32Array(x));
    return Response.json([...data]);
  },
};
