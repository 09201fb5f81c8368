"""Whether the files that tests/interchange.test.ts wrote back say in Keras what Keras's own say: python check.py FOLDER, with any release

python check.py FOLDER train: Keras trains on where the test did, from the same files, and the histories must agree. NumPy's backend cannot.
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "numpy")

import keras
import numpy as np

FOLDER = pathlib.Path(sys.argv[1])
TRAINS = "train" in sys.argv[2:]
# What may be written otherwise: a seed's absence, how Keras computes, and what only says where else something stands.
SILENT = {"module", "registered_name", "shared_object_id", "build_config", "dtype", "seed", "input_axes", "output_axes", "jit_compile", "sparse", "optional", "ragged"}


def differences(ours, theirs, path=""):
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted((ours.keys() | theirs.keys()) - SILENT):
            # defaults may be left out
            if key in ours and key in theirs:
                yield from differences(ours[key], theirs[key], f"{path}.{key}")
            elif key in ours:
                yield f"{path}.{key} is {ours[key]}, and not there in Keras's file"
    elif isinstance(theirs, (list, tuple)) and isinstance(ours, (list, tuple)) and len(ours) == len(theirs):
        for i, pair in enumerate(zip(ours, theirs)):
            yield from differences(*pair, f"{path}[{i}]")
    elif isinstance(theirs, float) and isinstance(ours, (int, float)):
        if not np.isclose(ours, theirs, rtol=1e-6):
            yield f"{path}: {ours} is not {theirs}"
    elif ours != theirs and path != ".layers[0].config.name":  # the input's, which has none here
        yield f"{path}: {ours} is not {theirs}"


def load(path):
    model = keras.models.load_model(path)
    # Nadam's product, a single number, was not drawn but left as it was
    numbers = ("iteration", "learning_rate")
    state = [np.asarray(variable) for variable in model.optimizer.variables if len(variable.shape) > 0 or variable.path.endswith(numbers)]
    return model, model.get_config(), state, model.get_compile_config()


def train(model, x, case, expected):
    """Steps in which Keras's history leaves what wasmind's was from the same file."""
    y = np.frombuffer((FOLDER / f"{case['file']}.labels").read_bytes(), "<f4").reshape(case["labels"])
    model.run_eagerly = True  # compiling takes longer than ten steps
    history = model.fit(x, y, epochs=10, batch_size=len(x), shuffle=False, verbose=0).history
    if history.keys() != expected.keys():
        yield f"trained, it reports {[*history]}, not {[*expected]}"
    for key in history.keys() & expected.keys():
        ours, theirs = np.array(expected[key], float), np.array(history[key], float)
        off = np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))
        if not off.max() <= 1e-4:
            yield f"trained, {key} is off by {off.max()}: {ours} is not {theirs}"


wrong, count = [], 0
index = json.loads((FOLDER / "index.json").read_text())
for case in index["cases"]:
    name, file = case["name"], case["file"]
    if not (FOLDER / "back" / f"{file}.keras").exists() or (TRAINS and "labels" not in case):
        continue
    # Nadam's variables stood in another order before Keras 3.15, and transposed convolutions ended elsewhere
    if index["keras"] != "3.15.1" and ("nadam" in name or "output padding" in name):
        continue
    numbers = np.frombuffer((FOLDER / f"{file}.bin").read_bytes(), "<f4")
    x, y = np.split(numbers, [int(np.prod(case["x"]))])
    count += 1
    try:
        ours, our_config, our_state, our_settings = load(FOLDER / "back" / f"{file}.keras")
        got = np.asarray(ours(x.reshape(case["x"]), training=False)).reshape(-1)
        off = np.abs(got - y) / (np.abs(y) + np.abs(y).max() / 10 + 1e-30)
        if off.max() > 1e-5:
            wrong.append(f"{name} ({file}): predictions are off by {off.max()}")
        if TRAINS:
            history = json.loads((FOLDER / "back" / f"{file}.json").read_text())
            wrong += [f"{name} ({file}): {line}" for line in train(ours, x.reshape(case["x"]), case, history)]
            continue
        try:
            theirs, their_config, their_state, their_settings = load(FOLDER / f"{file}.keras")
        except TypeError:  # 3.15 cannot read the label weights of an AUC that it wrote itself
            assert "label_weights" in json.dumps(our_settings, default=str), "Keras does not open its own file"
            continue
        if [v.shape for v in our_state] != [v.shape for v in their_state] or not all(map(np.allclose, our_state, their_state)):
            wrong.append(f"{name} ({file}): the optimizer remembers something else")
        wrong += [f"{name} ({file}): {line}" for line in [*differences(our_config, their_config)]]
    except Exception as error:
        wrong.append(f"{name} ({file}): {type(error).__name__}: {str(error)[:600]}")
print(f"Keras {keras.__version__}: {count} files{' trained on' if TRAINS else ''}, {len(wrong)} things are wrong", *wrong[:40], sep="\n  ")
sys.exit(bool(wrong))
