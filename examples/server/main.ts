// Serves a model on http://127.0.0.1:8080: npx tsx examples/server/main.ts model.keras
import { loadModel } from "wasmind";
import { serverOf } from "./server.js";

const model = await loadModel(process.argv[2], { compile: false });
serverOf(model).listen(8080, "127.0.0.1", () => console.log("http://127.0.0.1:8080/predict"));
