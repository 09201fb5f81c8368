export type { Callback, CallbackModel, CallbackParams, Logs } from "./callback.js";
export { CallbackList } from "./callbackList.js";
export { CsvLogger, type CsvLoggerOptions, csvLogger } from "./csvLogger.js";
export { EarlyStopping, type EarlyStoppingOptions, earlyStopping } from "./earlyStopping.js";
export { lambda } from "./lambda.js";
export { LearningRateScheduler, learningRateScheduler, type RateOfEpoch } from "./learningRateScheduler.js";
export { ReduceLrOnPlateau, type ReduceLrOnPlateauOptions, reduceLrOnPlateau } from "./reduceLrOnPlateau.js";
export { TerminateOnNaN, terminateOnNaN } from "./terminateOnNaN.js";
