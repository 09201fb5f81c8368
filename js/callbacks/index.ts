export type { Callback, CallbackModel, CallbackParams, Logs } from "./callback.js";
export { CallbackList } from "./callbackList.js";
export { EarlyStopping, type EarlyStoppingOptions, earlyStopping } from "./earlyStopping.js";
export { lambda } from "./lambda.js";
