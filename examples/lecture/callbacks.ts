// Code snippet, training callbacks: keep the best model, stop early, lower the learning rate, and watch.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callbacks, layers, loadModel, optimizers, preprocessing, sequential, setSeed } from "wasmind";
import { expectAtLeast, expectAtMost, readTable } from "./shared.js";

setSeed(4);
const rows = readTable("breast-cancer.csv");
const ill = rows.map(row => Number(row.diagnosis === "malignant"));
const { xTrain, xTest, yTrain, yTest } = preprocessing.trainTestSplit(rows, ill, { testSize: 0.3, stratify: ill });
const columns = preprocessing.columnTransformer({ drop: ["diagnosis"] });
const [x, validationData] = [
  columns.fitTransform(xTrain),
  [columns.transform(xTest), yTest] as [ReturnType<typeof columns.transform>, number[]],
];

const model = sequential([layers.dense(64, { activation: "relu", inputShape: [30] }), layers.dense(1, { activation: "sigmoid" })]);
model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: "binary_crossentropy", metrics: ["accuracy"] });

const folder = mkdtempSync(join(tmpdir(), "wasmind-"));
let best = Number.POSITIVE_INFINITY;
const { history, epoch } = await model.fit(x, yTrain, {
  epochs: 100,
  validationData,
  verbose: 0,
  callbacks: [
    // a callback of one's own: save only the best model
    {
      async onEpochEnd(_, logs) {
        if (logs.val_loss >= best) return;
        best = logs.val_loss;
        await model.save(join(folder, "best_model.safetensors"));
      },
    },
    callbacks.reduceLrOnPlateau({ monitor: "val_loss", factor: 0.5, patience: 3 }),
    callbacks.earlyStopping({ monitor: "val_loss", patience: 8, restoreBestWeights: true }),
    callbacks.csvLogger(join(folder, "log.csv")),
  ],
});
const log = readFileSync(join(folder, "log.csv"), "utf8").trim().split("\n");
console.log(log.slice(0, 4).join("\n"));
const kept = await loadModel(join(folder, "best_model.safetensors"));
rmSync(folder, { recursive: true });

const [own, fromFile] = [await model.evaluate(...validationData, { verbose: 0 }), await kept.evaluate(...validationData, { verbose: 0 })];
console.log(`stopped after ${epoch.length} of 100 epochs, at a learning rate of ${history.learning_rate.at(-1)}`);
expectAtMost("epochs", epoch.length, 60);
expectAtMost("lines of the log beside epochs", Math.abs(log.length - 1 - epoch.length), 0);
expectAtMost("the restored weights are those of the file: difference in loss", Math.abs(own.loss - fromFile.loss), 1e-6);
expectAtMost("validation loss of the best beside the last epoch's", own.loss - history.val_loss.at(-1)!, 0);
expectAtLeast("accuracy", own.accuracy, 0.95);
