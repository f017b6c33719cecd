#!/usr/bin/env python3
"""Compares what exported models say in ONNX Runtime with what `predict` says.

    bench/export.py

Trains short runs that together have every activation, feature map and pre-processing,
on data that are in the program. Needs numpy and onnxruntime; for onnx's own checker also
onnx, which is left out by name if it is absent.
"""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import command
import numpy as np
import onnxruntime

try:
    import onnx
except ImportError:
    onnx = None
    print("onnx is not installed: files are not checked by it", file=sys.stderr)

ROOT = pathlib.Path(__file__).resolve().parent.parent
ACTIVATIONS = (
    "linear sigmoid tanh relu leaky-relu(0.1) prelu prelu(unit) maxout(3) elu(0.7) selu gelu "
    "silu softplus exp softmax"
).split()
# The most that single precision in another order of sums may differ by.
GOAL = 1e-5


def cases():
    """Names, and the settings that make a run of iris, wine or a regression."""
    # Small first weights, or exp of exp overflows at once.
    small = {"model.init": "normal(0.1)", "train.lr": 1e-3}
    for activation in ACTIVATIONS:
        yield activation, "iris", {"model.activation": activation, **small}
    for steps in ("min-max", "standardize", "pca(3)", "zca(0.01)"):
        yield steps, "wine", {"data.preprocess": f'["standardize", "{steps}"]'}
    for features in ("rff(50, 0.1)", "polynomial(3)"):
        yield features, "iris", {"model.features": features, "train.lr": 1e-3}
    yield "no layers, hinge", "wine", {"model.layers": "[]", "loss.kind": "hinge(1)"}
    yield "binary", "breast-cancer", {"data.task": "binary"}
    yield "regression", "houses.csv", {"data.target": "price", "data.scale-target": "true"}


def houses(path):
    """A table of three numbers and a price."""
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 3)) * [1, 10, 100]
    price = 1e5 + x @ [3e4, 2e3, 1e2]
    lines = [",".join(map(str, [*row, y])) for row, y in zip(x, price, strict=True)]
    path.write_text("a,b,c,price\n" + "\n".join(lines) + "\n")


def run(folder, *arguments):
    """The program's standard output."""
    program = ROOT / "target/release/gradwise"
    arguments = [str(program), *map(str, arguments)]
    done = subprocess.run(arguments, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def difference(folder, name, source, settings):
    """The largest difference between both, over the size of the largest number."""
    columns, rows = features(folder, source)
    out = f"run-{name}".replace(" ", "-")
    base = '[data]\nsource = "{}"\npreprocess = ["standardize"]\n[model]\nwidth = 16\ndepth = 2\n'
    (folder / "run.toml").write_text(base.format(source))
    sets = [f"{key}={value}" for key, value in {"train.epochs": 3, **settings}.items()]
    sets = [word for setting in sets for word in ("--set", setting)]
    run(folder, "train", "run.toml", "--out", out, "--no-pictures", *sets)
    run(folder, "export", out, "-o", "model.onnx")
    with (folder / "rows.csv").open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    header, *said = csv.reader(run(folder, "predict", out, "rows.csv").splitlines())
    if onnx:
        onnx.checker.check_model(onnx.load(folder / "model.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    names = json.loads(session.get_modelmeta().custom_metadata_map["columns"])
    order = [columns.index(column) for column in names]
    x = np.array(rows, dtype=np.float32)[:, order]
    (output,) = session.run(None, {"x": x})
    if "hinge" in name:
        # Scores, of which `predict` names the class alone.
        classes = json.loads(session.get_modelmeta().custom_metadata_map["classes"])
        best = [classes[i] for i in output.argmax(axis=1)]
        return float(np.mean([row[0] != own for row, own in zip(said, best, strict=True)]))
    output = np.concatenate([1 - output, output], 1) if name == "binary" else output
    chances = [i for i, column in enumerate(header) if column.startswith("probability")]
    right = np.array([[float(row[i]) for i in chances or [0]] for row in said])
    return float(np.abs(output - right).max() / np.abs(right).max())


def features(folder, source):
    """The names of the features and the rows of a data set."""
    if source.endswith(".csv"):
        houses(folder / source)
        table = list(csv.reader((folder / source).open()))
        return table[0][:-1], [[float(x) for x in row[:-1]] for row in table[1:]]
    listed = json.loads(run(folder, "data", source, "--json"))
    described = [column for column in listed["columns"] if column["name"] not in listed["target"]]
    low = [column["range"]["min"] for column in described]
    high = [column["range"]["max"] for column in described]
    rows = np.random.default_rng(1).uniform(low, high, (50, len(described)))
    return [column["name"] for column in described], rows.round(3).tolist()


def main():
    command.parser(__doc__, writes=False).parse_args()
    worst = 0.0
    for name, source, settings in cases():
        with tempfile.TemporaryDirectory() as folder:
            found = difference(pathlib.Path(folder), name, source, settings)
        worst = max(worst, found)
        print(f"{name:20} {source:14} {found:.1e}")
    print(f"largest difference {worst:.1e}, goal {GOAL:.0e}")
    sys.exit(worst > GOAL)


if __name__ == "__main__":
    main()
