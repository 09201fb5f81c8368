"""Writes what some release of Keras saves, for tests/interchange/read.ts to load: python write.py FOLDER

A `.keras` file for each kind of case in tests/fixtures/cases.py: layers with the options that they are given, optimizers, losses. Beside them
index.json, and each case's samples and predictions as raw float32. Keras's NumPy backend is enough: nothing is trained, the optimizer's
variables are drawn.
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "numpy")
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "fixtures"))

import keras
import numpy as np

from case import data, initial_weight
from cases import CASES
from judge import batch_size, make


def kind(case):
    """Two cases of one kind differ in numbers only."""

    def keys(value):
        if isinstance(value, list):
            return tuple(map(keys, value))
        if not isinstance(value, dict):
            return value if isinstance(value, (str, bool)) else type(value).__name__
        return tuple((key, keys(item)) for key, item in sorted(value.items()))

    return keys([case.layers, case.optimizer, case.loss, case.metrics, case.weighted_metrics])


def build(case):
    model = keras.Sequential([keras.Input(case.input, batch_size(case)), *(make(layer) for layer in case.layers)])
    settings = {"optimizer": case.optimizer, "loss": case.loss, "metrics": case.metrics, "weighted_metrics": case.weighted_metrics}
    model.compile(**{key: make(value) for key, value in settings.items()})
    model.set_weights([initial_weight(case, variable, i) for i, variable in enumerate(model.weights)])
    model.optimizer.build(model.trainable_variables)
    for i, variable in enumerate(model.optimizer.variables):
        if i == 0:
            variable.assign(7)
        elif variable.name == "u_product":
            variable.assign(np.prod([model.optimizer.beta_1 * (1 - 0.5 * 0.96**step) for step in range(1, 8)]))
        elif len(variable.shape) > 0:
            variable.assign(case.random(f"optimizer {i}").uniform(0.1, 1, size=variable.shape))
    return model


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    index, kinds, refused = [], set(), []
    for case in CASES:
        if kind(case) in kinds:
            continue
        kinds.add(kind(case))
        try:
            model = build(case)
        except (TypeError, ValueError, AttributeError, NotImplementedError, ModuleNotFoundError) as error:
            refused.append(f"{case.name}: {str(error).splitlines()[0][:100]}")
            continue
        x = data(case, model.output_shape)["x"]
        y = np.asarray(model(x, training=False), "float32")
        file = f"{len(index):04d}"
        model.save(folder / f"{file}.keras")
        (folder / f"{file}.bin").write_bytes(x.astype("<f4").tobytes() + y.astype("<f4").tobytes())
        state = [np.asarray(variable).astype("float64") for variable in model.optimizer.variables]
        index.append({"name": case.name, "file": file, "x": x.shape, "y": y.shape, "state": float(sum(map(np.sum, state)))})
    (folder / "index.json").write_text(json.dumps({"keras": keras.__version__, "cases": index}))
    print(f"Keras {keras.__version__}: {len(index)} files", *refused, sep="\n  ")


write(pathlib.Path(sys.argv[1]))
