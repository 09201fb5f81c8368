"""Writes what some release of Keras saves, for tests/interchange.test.ts to load: python write.py FOLDER

A `.keras` file for each kind of case in tests/fixtures/cases.py: layers with the options that they are given, optimizers, losses. Beside them
index.json, and each case's samples and predictions as raw float32. Keras's NumPy backend is enough: nothing is trained, the optimizer's
variables are drawn. Some have labels, too, to train on.
"""

import json
import os
import pathlib
import re
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
        elif len(variable.shape) > 0:
            variable.assign(case.random(f"optimizer {i}").uniform(0.1, 1, size=variable.shape))
    return model


def classes(value):
    """What a case is made of: the names of its classes, and of what it names by a word."""
    if isinstance(value, list):
        return set().union(*map(classes, value))
    if not isinstance(value, dict):
        return {value} if isinstance(value, str) else set()
    return {value["class_name"]} | classes([item for item in value["config"].values() if isinstance(item, (dict, list))])


def is_random(value):
    if isinstance(value, list):
        return any(map(is_random, value))
    if not isinstance(value, dict):
        return False
    config = value.get("config", {})
    drops = config.get("dropout") or config.get("recurrent_dropout")
    return bool(drops or re.search("Dropout|Gaussian|Random", value.get("class_name", "")) or is_random(list(config.values())))


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    index, kinds, trained, refused = [], set(), set(), []
    for case in CASES:
        if kind(case) in kinds:
            continue
        kinds.add(kind(case))
        try:
            model = build(case)
            arrays = data(case, model.output_shape)
            x = arrays["x"]
            y = np.asarray(model(x, training=False), "float32")
        except Exception as error:  # what this release, or its NumPy, does not have
            refused.append(f"{case.name}: {str(error).splitlines()[0][:100]}")
            continue
        file = f"{len(index):04d}"
        model.save(folder / f"{file}.keras")
        (folder / f"{file}.bin").write_bytes(x.astype("<f4").tobytes() + y.astype("<f4").tobytes())
        # Nadam's product follows from the number of steps
        kept = [variable for i, variable in enumerate(model.optimizer.variables) if i < 1 or len(variable.shape) > 0 or "rate" in variable.path]
        state = [np.asarray(variable).astype("float64") for variable in kept]
        entry = {"name": case.name, "file": file, "x": x.shape, "y": y.shape, "state": float(sum(map(np.sum, state)))}
        # Training takes time: each layer, loss and optimizer has its turn once.
        new = classes([*case.layers, case.optimizer, case.loss]) - trained
        if case.epochs > 0 and new and not is_random(case.layers):
            trained |= new
            (folder / f"{file}.labels").write_bytes(arrays["y"].astype("<f4").tobytes())
            entry["labels"] = arrays["y"].shape
        index.append(entry)
    (folder / "index.json").write_text(json.dumps({"keras": keras.__version__, "cases": index}))
    print(f"Keras {keras.__version__}: {len(index)} files", *refused, sep="\n  ")


write(pathlib.Path(sys.argv[1]))
