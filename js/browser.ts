// The entry `wasmind/browser`: where a page keeps models.

import { type LoadOptions, loadModel } from "./files/load.js";
import { toSafetensors } from "./files/modelFile.js";
import { encoded, type KerasOptions } from "./files/save.js";
import type { Sequential } from "./sequential.js";

const DATABASE = "wasmind";
const MODELS = "models";

/**
 * Keeps a model in the browser's IndexedDB: layers, weights, how it was compiled, and the optimizer's state.
 * In one transaction: a page that is closed meanwhile leaves the old model or the whole new one.
 * @param name what it is called there; a model of that name is replaced
 * @throws where there is no IndexedDB, or no room in it
 */
export async function saveToIndexedDb(model: Sequential, name: string): Promise<void> {
  const bytes = toSafetensors(model);
  await transact("readwrite", models => models.put(bytes, name));
}

/** The model that `saveToIndexedDb` kept, which trains on as if nothing had happened. @throws where there is none of that name */
export async function loadFromIndexedDb(name: string, options?: LoadOptions): Promise<Sequential> {
  const bytes = await transact<Uint8Array | undefined>("readonly", models => models.get(name));
  if (bytes) return loadModel(bytes, options);
  const known = (await listIndexedDb()).map(name => JSON.stringify(name)).join(", ");
  throw new Error(`loadFromIndexedDb: there is no model ${JSON.stringify(name)}, only ${known || "an empty database"}.`);
}

/** The names of the models in IndexedDB. */
export function listIndexedDb(): Promise<string[]> {
  return transact("readonly", models => models.getAllKeys()) as Promise<string[]>;
}

/** Forgets a model; none of that name is no error. */
export async function removeFromIndexedDb(name: string): Promise<void> {
  await transact("readwrite", models => models.delete(name));
}

/**
 * Has the browser download a model. `loadModel(input.files[0])` opens the file again that a user chooses in an `<input type="file">`.
 * @param fileName ends in ".safetensors" or ".keras", as in `model.save`
 * @throws for an ending that is not known
 */
export async function download(model: Sequential, fileName: string, options?: KerasOptions): Promise<void> {
  const bytes = await encoded(model, fileName, options);
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "application/octet-stream" }));
  Object.assign(document.createElement("a"), { href: url, download: fileName }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // some browsers begin to read it later
}

/** One request in a transaction of its own; done when what it wrote is there to stay. */
async function transact<T>(mode: IDBTransactionMode, request: (models: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(MODELS, mode, { durability: "strict" });
      const asked = request(transaction.objectStore(MODELS));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  if (typeof indexedDB === "undefined") throw new Error("There is no IndexedDB here: model.save and model.toSafetensors work elsewhere.");
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(MODELS);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}
