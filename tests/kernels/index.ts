import * as activation from "./activation.js";
import * as augmentation from "./augmentation.js";
import * as average from "./average.js";
import * as bias from "./bias.js";
import * as both from "./both.js";
import * as constraint from "./constraint.js";
import * as conv from "./conv.js";
import * as depthwise from "./depthwise.js";
import * as elementwise from "./elementwise.js";
import * as embedding from "./embedding.js";
import * as gemm from "./gemm.js";
import * as image from "./image.js";
import * as loss from "./loss.js";
import * as mask from "./mask.js";
import * as metric from "./metric.js";
import * as norm from "./norm.js";
import * as optimizer from "./optimizer.js";
import * as permute from "./permute.js";
import * as pool from "./pool.js";
import * as random from "./random.js";
import * as recurrent from "./recurrent.js";
import * as regularizer from "./regularizer.js";
import type { Row } from "./row.js";
import * as scaling from "./scaling.js";
import * as sequenceLoss from "./sequenceLoss.js";
import * as softmax from "./softmax.js";
import * as update from "./update.js";
import * as winograd from "./winograd.js";

/** Every kernel with its cases: the tests, the gradient checks and the bench all read this table. */
export const rows: Row[] = [
  activation,
  average,
  bias,
  both,
  constraint,
  conv,
  depthwise,
  elementwise,
  embedding,
  gemm,
  augmentation,
  image,
  loss,
  mask,
  metric,
  norm,
  optimizer,
  permute,
  pool,
  random,
  recurrent,
  regularizer,
  scaling,
  sequenceLoss,
  softmax,
  update,
  winograd,
].flatMap(file => Object.values(file));
