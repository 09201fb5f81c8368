"""Whether the files that tests/interchange.test.ts wrote back say in Keras what Keras's own say: python check.py FOLDER, with any release

What a release cannot do is listed below, and it is asked each time whether that is so.

python check.py FOLDER train: Keras trains on where the test did, from the same files, and the histories must agree. NumPy's backend cannot.
"""

import io
import json
import os
import pathlib
import re
import sys
import zipfile

os.environ.setdefault("KERAS_BACKEND", "numpy")

import h5py
import keras
import numpy as np

FOLDER = pathlib.Path(sys.argv[1])
OLD = pathlib.Path(__file__).parent.parent / "fixtures/files/2.21.0"
TRAINS = "train" in sys.argv[2:]
IS_LAST = keras.__version__ == "3.15.1"
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


def load(path, **options):
    model = keras.models.load_model(path, **options)
    # Nadam's product, a single number, was not drawn but left as it was
    numbers = ("iteration", "learning_rate")
    variables = model.optimizer.variables if model.compiled else []
    return model, [np.asarray(variable) for variable in variables if len(variable.shape) > 0 or variable.path.endswith(numbers)]


def distance(got, expected):
    """The largest difference, as a share of what may be expected there; infinite for another shape."""
    if got.shape != expected.shape:
        return np.inf
    return (np.abs(got - expected) / (np.abs(expected) + np.abs(expected).max() / 10 + 1e-30)).max()


def is_refused(path):
    try:
        load(path)
    except Exception:
        return True
    return False


def stored(path):
    """The optimizer's variables in a file, one by one."""
    archive = zipfile.ZipFile(path)
    with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        variables = file["optimizer/vars"]
        return [variables[str(i)][()] for i in range(len(variables))]


def has_other_order(ours, theirs):
    ours, theirs = stored(ours), stored(theirs)
    same = len(ours) == len(theirs) and all(a.shape == b.shape and np.allclose(a, b) for a, b in zip(ours, theirs))
    numbers = [np.sort(np.concatenate([value.reshape(-1) for value in all if value.ndim > 0])) for all in (ours, theirs)]
    return not same and np.allclose(*numbers)


def has_no_loss(ours, theirs):
    """Whether our file names a loss that came later; the release's own has its name as a word, which nobody looks up before training."""
    config = json.loads(zipfile.ZipFile(ours).read("config.json"))
    return not hasattr(keras.losses, config["compile_config"]["loss"]["class_name"])


def keeps_more(ours, theirs):
    return len(stored(theirs)) > len(stored(ours))


# How a model may be compiled, so that the release does not open our file with it, or not with the optimizer's state: which cases, why, and whether it is
# so, asked of our file and the release's own. The rest of the file is compared.
UNCOMPILED = [] if IS_LAST else [
    (r"gradients of 3, and average|nadam", "the last release has the optimizer's variables in another order", has_other_order),
    (r"/circle by name", "there is no such loss", has_no_loss),
]
if keras.__version__ == "3.0.5":
    UNCOMPILED += [
        (r"dice|tversky", "there is no such loss", has_no_loss),
        (r"^dense/frozen (last|between)", "layers that were made frozen have variables of the optimizer, too", keeps_more),
    ]
# Files of its own that a release does not open, or not as they were.
UNREADABLE = {
    "3.0.5": r"bidirectional|^metrics/all of labels",
    "3.6.0": r"^initializers/(identity|by name)$|^metrics/all of labels",
    "3.15.1": r"^metrics/all of labels",
}
FORGOTTEN = {"3.0.5": r"output padding 1, valid", "3.6.0": r"output padding 1, valid"}


def is_listed(table, case):
    return re.search(table.get(keras.__version__, "^$"), case["name"]) is not None


def check(case, ours_at, theirs_at):
    """Where Keras opens our file otherwise than its own."""
    options = {}
    for pattern, why, holds in UNCOMPILED:
        if re.search(pattern, case["name"]):
            options = {"compile": False}
            if not holds(ours_at, theirs_at):
                yield f"it is an exception, but not so: {why}"
    with zipfile.ZipFile(ours_at) as archive:
        preprocessing = json.loads(archive.read("metadata.json"))["wasmind"]["preprocessing"]
    if preprocessing["labels"]["fitted"] != {"classes": ["no", "yes"]}:
        yield "what goes before the model is gone"
    x, y = read(case)
    ours, our_state = load(ours_at, **options)
    if is_listed(UNREADABLE, case):
        theirs = None
        if not is_refused(theirs_at):
            yield "it is an exception, but Keras opens its own file"
    elif not TRAINS:
        theirs, their_state = load(theirs_at, **options)
        if is_listed(FORGOTTEN, case):
            again = np.asarray(theirs(x, training=False))
            if distance(again, y) < 1e-5:
                yield "it is an exception, but Keras's own file says all"
            y = again
    off = distance(np.asarray(ours(x, training=False)), y)
    if off > 1e-5:
        yield f"predictions are off by {off}"
    if TRAINS:
        yield from train(ours, x, case, json.loads((FOLDER / "back" / f"{case['file']}.json").read_text()))
    elif theirs:
        if [v.shape for v in our_state] != [v.shape for v in their_state] or not all(map(np.allclose, our_state, their_state)):
            yield "the optimizer remembers something else"
        yield from differences(ours.get_config(), theirs.get_config())


def check_old(name, path):
    """Whether a model of Keras 2 that wasmind brought over predicts here as it did there."""
    # no activation with options of its own is possible before: Keras 2's hard_sigmoid has become one
    if name == "hard" and not IS_LAST:
        if not is_refused(path):
            yield "it is an exception, but Keras opens it"
        return
    kept = json.loads((OLD / f"{name}.json").read_text())
    x, y = (np.array(kept[key]["data"], "float32").reshape(kept[key]["shape"]) for key in ("x", "predictions"))
    off = distance(np.asarray(load(path)[0](x, training=False)), y)
    if name == "text" and keras.__version__ == "3.6.0" and keras.backend.backend() == "numpy":
        if off < 1e-5:
            yield "it is an exception, but NumPy's backend knows masks"
    elif off > 1e-5:
        yield f"predictions are off by {off}"


def read(case):
    numbers = np.frombuffer((FOLDER / f"{case['file']}.bin").read_bytes(), "<f4")
    x, y = np.split(numbers, [int(np.prod(case["x"]))])
    return x.reshape(case["x"]), y.reshape(case["y"])


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
for case in json.loads((FOLDER / "index.json").read_text())["cases"]:
    name, file = case["name"], case["file"]
    ours_at, theirs_at = FOLDER / "back" / f"{file}.keras", FOLDER / f"{file}.keras"
    if TRAINS and "labels" not in case:
        continue
    count += 1
    try:
        wrong += [f"{name} ({file}): {line}" for line in check(case, ours_at, theirs_at)]
    except Exception as error:
        wrong.append(f"{name} ({file}): {type(error).__name__}: {str(error)[:600]}")
for path in [] if TRAINS else sorted(OLD.glob("*.json")):
    name = path.stem
    count += 1
    try:
        wrong += [f"Keras 2's {name}: {line}" for line in check_old(name, FOLDER / "back" / f"{name}.keras")]
    except Exception as error:
        wrong.append(f"Keras 2's {name}: {type(error).__name__}: {str(error)[:600]}")
print(f"Keras {keras.__version__}: {count} files{' trained on' if TRAINS else ''}, {len(wrong)} things are wrong", *wrong, sep="\n  ")
sys.exit(bool(wrong))
