// A handler as AWS Lambda calls it: the model is loaded once, when the function starts, and shared by all calls after that.
import { type FileSource, loadModel } from "wasmind";

/** What API Gateway sends and takes, as far as it matters here. */
export interface Event {
  body: string | null;
}
export interface Answer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** @param source the model's file, such as `new URL("model.safetensors", import.meta.url)` beside the handler */
export function handlerOf(source: FileSource): (event: Event) => Promise<Answer> {
  const loading = loadModel(source, { compile: false }).then(model => model.ready());
  loading.catch(() => {}); // each call hears of it
  return async ({ body }) => {
    const answer = (statusCode: number, value: unknown) => ({
      ...{ statusCode, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) },
    });
    const model = await loading;
    try {
      const { data, shape } = await model.predict(JSON.parse(body ?? ""));
      return answer(200, { data: [...data], shape });
    } catch (error) {
      return answer(400, { error: (error as Error).message });
    }
  };
}
