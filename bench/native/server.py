"""Trains one of the bench's nets on one core with a native library: server.py keras | torch | torch-compiled.

A line of JSON on standard input asks, a line on standard output answers, as peers/remote.ts has it."""

import base64
import json
import os
import re
import sys
import time

CORE = max(os.sched_getaffinity(0))
os.sched_setaffinity(0, {CORE})
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import numpy as np


def array(values):
    return np.frombuffer(base64.b64decode(values["data"]), np.float32).reshape(values["shape"])


class KerasTraining:
    """Inside fit() and train_on_batch(), both compiled by XLA."""

    @staticmethod
    def versions():
        import jax
        import keras

        return f"Keras {keras.__version__} on JAX {jax.__version__}"

    def __init__(self, net, weights, x, y):
        import keras

        layers = keras.layers
        made = {
            "dense": lambda o: layers.Dense(o["units"], activation=o["activation"]),
            "conv2d": lambda o: layers.Conv2D(o["filters"], o["kernelSize"], activation=o["activation"]),
            "maxPooling2d": lambda o: layers.MaxPooling2D(o["poolSize"]),
            "flatten": lambda o: layers.Flatten(),
            "dropout": lambda o: layers.Dropout(o["rate"]),
            "embedding": lambda o: layers.Embedding(o["inputDim"], o["outputDim"]),
            "lstm": lambda o: layers.LSTM(o["units"]),
        }
        self.model = keras.Sequential([keras.Input(net["inputShape"])] + [made[o["type"]](o) for o in net["layers"]])
        optimizer = keras.optimizers.Adam(net["optimizer"]["learningRate"])
        self.model.compile(optimizer=optimizer, loss=net["loss"], jit_compile=True)
        self.model.set_weights(weights)
        self.x, self.y = x, y
        self.long = {}

    def step(self):
        return float(self.model.train_on_batch(self.x, self.y))

    def fit(self, steps):
        if steps not in self.long:
            self.long[steps] = [np.concatenate([a] * steps) for a in (self.x, self.y)]
        self.model.fit(*self.long[steps], batch_size=len(self.x), epochs=1, verbose=0)


class TorchTraining:
    """A plain loop; what follows the loss is the same for every PyTorch program."""

    compiled = False

    @staticmethod
    def versions():
        import torch

        return f"PyTorch {torch.__version__}"

    def __init__(self, net, weights, x, y):
        import torch
        from torch import nn

        torch.set_num_threads(1)
        self.torch = torch
        weights = iter(weights)
        tensor = lambda a: nn.Parameter(torch.from_numpy(np.array(a)))

        class Lstm(nn.Module):
            def __init__(self, features, units):
                super().__init__()
                self.lstm = nn.LSTM(features, units, batch_first=True)
                kernel, recurrent, bias = (next(weights) for _ in range(3))
                self.lstm.weight_ih_l0 = tensor(kernel.T.copy())
                self.lstm.weight_hh_l0 = tensor(recurrent.T.copy())
                self.lstm.bias_ih_l0 = tensor(bias)
                # Keras has one bias: the second stays zero.
                self.lstm.bias_hh_l0 = nn.Parameter(torch.zeros(4 * units), requires_grad=False)

            def forward(self, x):
                return self.lstm(x)[0][:, -1]

        modules = []
        shape = net["inputShape"]
        image = None
        if len(shape) == 3:
            x = x.transpose(0, 3, 1, 2)
        for layer in net["layers"]:
            kind = layer["type"]
            if kind == "dense":
                kernel, bias = next(weights), next(weights)
                if image:  # flattened with channels first
                    kernel = kernel.reshape(*image, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
                    image = None
                module = nn.Linear(*kernel.shape)
                module.weight, module.bias = tensor(kernel.T.copy()), tensor(bias)
                modules.append(module)
                shape = [layer["units"]]
            elif kind == "conv2d":
                kernel, bias = next(weights), next(weights)
                module = nn.Conv2d(kernel.shape[2], kernel.shape[3], kernel.shape[0])
                module.weight, module.bias = tensor(kernel.transpose(3, 2, 0, 1).copy()), tensor(bias)
                modules.append(module)
                shape = [n - layer["kernelSize"] + 1 for n in shape[:2]] + [layer["filters"]]
            elif kind == "maxPooling2d":
                modules.append(nn.MaxPool2d(layer["poolSize"]))
                shape = [n // layer["poolSize"] for n in shape[:2]] + shape[2:]
            elif kind == "flatten":
                modules.append(nn.Flatten())
                image = shape
            elif kind == "dropout":
                modules.append(nn.Dropout(layer["rate"]))
            elif kind == "embedding":
                module = nn.Embedding(layer["inputDim"], layer["outputDim"])
                module.weight = tensor(next(weights))
                modules.append(module)
                shape = shape + [layer["outputDim"]]
                x = x.astype(np.int64)
            elif kind == "lstm":
                modules.append(Lstm(shape[-1], layer["units"]))
            if layer.get("activation") == "relu":
                modules.append(nn.ReLU())
        model = nn.Sequential(*modules)
        # Keras's epsilon; the loss takes the logits.
        self.optimizer = torch.optim.Adam(
            [p for p in model.parameters() if p.requires_grad], lr=net["optimizer"]["learningRate"], eps=1e-7
        )
        self.x = torch.from_numpy(np.ascontiguousarray(x))
        if net["loss"] == "categorical_crossentropy":
            self.y = torch.from_numpy(y.argmax(1))
            loss = nn.functional.cross_entropy
        else:
            self.y = torch.from_numpy(np.array(y))
            loss = nn.functional.binary_cross_entropy_with_logits
        self.forward = lambda x, y: loss(model(x), y)
        if self.compiled:
            self.forward = torch.compile(self.forward)
            self.optimizer.step = torch.compile(self.optimizer.step)

    def step(self):
        return self.update().item()

    def fit(self, steps):
        for _ in range(steps):
            self.update()

    def update(self):
        self.optimizer.zero_grad()
        loss = self.forward(self.x, self.y)
        loss.backward()
        self.optimizer.step()
        return loss.detach()


class CompiledTorchTraining(TorchTraining):
    compiled = True


def main():
    kind = {"keras": KerasTraining, "torch": TorchTraining, "torch-compiled": CompiledTorchTraining}[sys.argv[1]]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is not an answer
    trainings = {}

    def answer(q):
        if q["do"] == "hello":
            return {"versions": kind.versions()}
        if q["do"] == "memory":
            status = open("/proc/self/status").read()
            now, peak = (1024 * int(re.search(rf"{name}:\s*(\d+)", status)[1]) for name in ("VmRSS", "VmHWM"))
            return {"memory": {"now": now, "peak": peak}}
        if q["do"] == "training":
            handle = len(trainings)
            trainings[handle] = kind(q["net"], [array(w) for w in q["weights"]], array(q["x"]), array(q["y"]))
            return {"handle": handle}
        if q["do"] == "dispose":
            trainings[q["handle"]] = None
            return {}
        training = trainings[q["handle"]]
        if q["do"] == "loss":
            return {"loss": training.step()}
        begin = time.perf_counter()
        for _ in range(q["repeats"]):
            training.step() if q["do"] == "steps" else training.fit(q["steps"])
        return {"ms": 1000 * (time.perf_counter() - begin)}

    for line in sys.stdin:
        try:
            said = answer(json.loads(line))
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(said), file=answers, flush=True)


main()
