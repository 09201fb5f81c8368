import {
  callbacks,
  constraints,
  initializers,
  layers,
  losses,
  metrics,
  optimizers,
  regularizers,
  type Sequential,
  schedules,
  sequential,
} from "../../js/index.js";
import { type Fixture, list, type Spec } from "./fixtures.js";

const modules: Record<string, object> = {
  "keras.callbacks": callbacks,
  "keras.constraints": constraints,
  "keras.initializers": initializers,
  "keras.layers": layers,
  "keras.losses": losses,
  "keras.metrics": metrics,
  "keras.optimizers": optimizers,
  "keras.optimizers.schedules": schedules,
  "keras.regularizers": regularizers,
};

/** Options that are arguments of their own here. */
const leading: Record<string, string[]> = {
  activation: ["activation"],
  averagePooling1d: ["poolSize"],
  averagePooling2d: ["poolSize"],
  conv1d: ["filters", "kernelSize"],
  conv1dTranspose: ["filters", "kernelSize"],
  alphaDropout: ["rate"],
  conv2d: ["filters", "kernelSize"],
  conv2dTranspose: ["filters", "kernelSize"],
  cropping1d: ["cropping"],
  cropping2d: ["cropping"],
  dense: ["units"],
  depthwiseConv1d: ["kernelSize"],
  depthwiseConv2d: ["kernelSize"],
  dropout: ["rate"],
  embedding: ["inputDim", "outputDim"],
  maxPooling1d: ["poolSize"],
  maxPooling2d: ["poolSize"],
  separableConv1d: ["filters", "kernelSize"],
  separableConv2d: ["filters", "kernelSize"],
  gaussianDropout: ["rate"],
  gaussianNoise: ["stddev"],
  randomContrast: ["factor"],
  randomFlip: ["mode"],
  randomRotation: ["factor"],
  randomTranslation: ["heightFactor", "widthFactor"],
  randomZoom: ["heightFactor"],
  permute: ["dims"],
  repeatVector: ["n"],
  rescaling: ["scale"],
  reshape: ["targetShape"],
  spatialDropout1d: ["rate"],
  spatialDropout2d: ["rate"],
  ...{ simpleRnn: ["units"], lstm: ["units"], gru: ["units"] },
  timeDistributed: ["layer"],
  bidirectional: ["layer"],
  sensitivityAtSpecificity: ["specificity"],
  specificityAtSensitivity: ["sensitivity"],
  precisionAtRecall: ["recall"],
  recallAtPrecision: ["precision"],
  iou: ["numClasses", "targetClassIds"],
  meanIoU: ["numClasses"],
  oneHotIoU: ["numClasses", "targetClassIds"],
  oneHotMeanIoU: ["numClasses"],
  upSampling1d: ["size"],
  upSampling2d: ["size"],
  zeroPadding1d: ["padding"],
  zeroPadding2d: ["padding"],
};

export const camelCase = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Options under our names. */
export function camelKeys(config: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [camelCase(key), make(value)]));
}

/** A factory of a namespace by Keras's class name: Conv2D → conv2d. */
export function factory({ module, class_name }: Spec): [name: string, make: (...args: unknown[]) => unknown] {
  const wanted = class_name === "InputLayer" ? "input" : class_name.toLowerCase();
  const found = Object.entries(modules[module]).find(([name]) => /^[a-z]/.test(name) && name.toLowerCase() === wanted);
  if (!found) throw new Error(`${module} has no ${class_name} here.`);
  return found;
}

const isSpec = (value: unknown): value is Spec => typeof value === "object" && value !== null && "class_name" in value;

/** Ours for what a fixture names, also inside lists. */
export function make(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(make);
  if (!isSpec(value)) return value;
  const [name, create] = factory(value);
  const { ...options } = camelKeys(value.config);
  const first = (leading[name] ?? []).map(key => {
    const argument = options[key];
    delete options[key];
    return argument;
  });
  return create(...first, options);
}

/** The model of a fixture with its initial weights, ready to be trained. */
export async function build(fixture: Fixture): Promise<Sequential> {
  const model = sequential(make(fixture.layers) as Parameters<typeof sequential>[0]);
  model.compile(camelKeys(fixture.compile) as unknown as Parameters<Sequential["compile"]>[0]);
  if (!fixture.initialized) model.setWeights(list(fixture, "initial"));
  return model.ready();
}
