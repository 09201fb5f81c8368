import { ColumnTransformer } from "./columnTransformer.js";
import { LabelEncoder, OneHotEncoder } from "./encoders.js";
import { type Fitted, revive } from "./fitted.js";
import { MinMaxScaler, StandardScaler } from "./scalers.js";
import { TextVectorization } from "./textVectorization.js";
import { Tokenizer } from "./tokenizer.js";

export { type Cell, type ColumnTransformerOptions, columnTransformer, type TableRow } from "./columnTransformer.js";
export { type CrossValidation, crossValidate, type FoldData, type Scores } from "./crossValidate.js";
export { type Label, type Labels, labelEncoder, type OneHotEncoderOptions, oneHotEncoder } from "./encoders.js";
export type { Fitted } from "./fitted.js";
export { fromCanvas, fromImageBitmap, fromImageData, type ImageOptions, type Pixels } from "./images.js";
export { type Fold, type KFoldOptions, kFold } from "./kFold.js";
export { type PadSequencesOptions, padSequences } from "./padSequences.js";
export type { Splittable } from "./rows.js";
export { type MinMaxScalerOptions, minMaxScaler, type StandardScalerOptions, standardScaler } from "./scalers.js";
export type { Rows } from "./table.js";
export { type TextVectorizationOptions, textVectorization } from "./textVectorization.js";
export { type TokenizerOptions, tokenizer } from "./tokenizer.js";
export { type SplitOptions, type TrainTestSplit, trainTestSplit } from "./trainTestSplit.js";
export { ColumnTransformer, LabelEncoder, MinMaxScaler, OneHotEncoder, StandardScaler, TextVectorization, Tokenizer };

/**
 * A scaler, encoder or text's words from what `JSON.stringify` made of it.
 * @param json its text, or the object that the text stands for, such as `model.preprocessing` has by name
 * @example const scaler = preprocessing.fromJSON(model.preprocessing.features) as preprocessing.StandardScaler
 */
export function fromJSON(json: unknown): Fitted {
  return revive("preprocessing.fromJSON", json, {
    standardScaler: (config, fitted) => new StandardScaler(config, fitted),
    minMaxScaler: (config, fitted) => new MinMaxScaler(config, fitted),
    columnTransformer: (config, fitted) => new ColumnTransformer(config, fitted),
    labelEncoder: (_, fitted) => new LabelEncoder(fitted),
    oneHotEncoder: (config, fitted) => new OneHotEncoder(config, fitted),
    textVectorization: (config, fitted) => new TextVectorization(config, fitted),
    tokenizer: (config, fitted) => new Tokenizer(config, fitted),
  });
}
