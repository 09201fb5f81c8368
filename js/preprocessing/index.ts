export { type SplitOptions, type Splittable, type TrainTestSplit, trainTestSplit } from "./trainTestSplit.js";
