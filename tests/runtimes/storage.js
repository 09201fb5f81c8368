// What a page does with models between visits. browsers.js calls these one by one, and compares what they return.
import { layers, loadModel, optimizers, preprocessing, sequential } from "wasmind";
import { download, listIndexedDb, loadFromIndexedDb, removeFromIndexedDb, saveToIndexedDb } from "wasmind/browser";

// biome-ignore format: a table
const x = [[0, 0], [0, 1], [1, 0], [1, 1]];
const y = [0, 1, 1, 0];
const scaler = preprocessing.standardScaler().fit(x);
const choice = Object.assign(document.createElement("input"), { type: "file" });
document.documentElement.append(choice);

/** Predictions by the model's own scaler, and losses of the next steps, which depend on the optimizer's state: to the last bit. */
async function fingerprint(model) {
  const scaled = preprocessing.fromJSON(model.preprocessing.inputs).transform(x);
  const predictions = String((await model.predict(scaled)).data);
  const { history } = await model.fit(scaled, y, { epochs: 3, verbose: 0 });
  return { predictions, next: String(history.loss) };
}

export async function keep() {
  const model = sequential([layers.dense(8, { activation: "tanh", inputShape: [2] }), layers.dropout(0.2), layers.dense(1)]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.05 }), loss: "mse" });
  await saveToIndexedDb(model, "xor"); // to be replaced
  model.preprocessing = { inputs: scaler };
  await model.fit(scaler.transform(x), y, { epochs: 20, verbose: 0 });
  await saveToIndexedDb(model, "xor");
  await saveToIndexedDb(model, "again");
  return fingerprint(model);
}

export async function find() {
  const model = await loadFromIndexedDb("xor");
  const names = String(await listIndexedDb());
  await removeFromIndexedDb("again");
  const left = String(await listIndexedDb());
  const { message: error } = await loadFromIndexedDb("again").catch(error => error);
  return { ...(await fingerprint(model)), names, left, error };
}

export const save = async () => download(await loadFromIndexedDb("xor"), "xor.safetensors");

export const choose = async () => fingerprint(await loadModel(choice.files[0]));
