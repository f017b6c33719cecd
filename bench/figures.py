#!/usr/bin/env python3
"""Trains the run files of examples/ and prints what they reach beside the goals.

    bench/figures.py                        all of them, known data by name
    bench/figures.py --data FOLDER digits mnist
    bench/figures.py --write                also writes the table into bench/RESULTS.md

FOLDER, or GRADWISE_DATA, is searched for files that are not where the program finds
them by name. Needs Python's standard library; scikit-learn for breast-cancer alone.
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import command
from results import write

ROOT = pathlib.Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Figure:
    """One run file and what it has to reach."""

    name: str
    measure: str  # of the test rows, as summary.json names it
    goal: float
    least: bool = True  # reach it from below; else stay under it
    seconds: float | None = None  # the whole command's time, where that is a goal too
    files: tuple[tuple[str, str], ...] = ()  # key of the run file, path below FOLDER

    def reached(self, value, seconds):
        """Whether both goals are met."""
        good = value >= self.goal if self.least else value <= self.goal
        return good and (self.seconds is None or seconds <= self.seconds)


CIFAR = (("data.source", "cifar-10-binary.tar.xz"),)
HOUSES = (("data.source", "tabular/california-housing.csv.gz"),)
CENSUS = (
    ("data.source", "tabular/adult-train.csv.gz"),
    ("data.test", "tabular/adult-test.csv.gz"),
)
FIGURES = [
    Figure("digits", "accuracy", 0.97, seconds=5),
    Figure("mnist", "accuracy", 0.983, files=(("data.source", "mnist"),)),
    Figure("fashion-mnist", "accuracy", 0.895),
    Figure("cifar10-linear-softmax", "accuracy", 0.40, files=CIFAR),
    Figure("cifar10-linear-hinge", "accuracy", 0.37, files=CIFAR),
    Figure("cifar10-dense", "accuracy", 0.575, files=CIFAR),
    Figure("cifar10-rff", "accuracy", 0.485, files=CIFAR),
    Figure("adult", "accuracy", 0.855, files=CENSUS),
    Figure("california-l2", "rmse", 51_000, least=False, files=HOUSES),
    Figure("california-l1", "mae", 32_500, least=False, files=HOUSES),
    Figure("breast-cancer-lbfgs", "coefficients", 1e-4, least=False),
]


def train(figure, options, folder):
    """Runs the command; the seconds it took."""
    command = [ROOT / "target/release/gradwise", "train", f"examples/{figure.name}.toml"]
    command += ["--out", folder]
    for key, path in figure.files:
        if options.data and (options.data / path).exists():
            command += ["--set", f'{key}="{options.data / path}"']
    if options.threads:
        command += ["--threads", str(options.threads)]
    for setting in options.set:
        command += ["--set", setting]
    quiet = None if options.verbose else subprocess.DEVNULL
    start = time.monotonic()
    subprocess.run([str(c) for c in command], cwd=ROOT, check=True, stdout=quiet, stderr=quiet)
    return time.monotonic() - start


def tensors(path):
    """The f32 tensors of a safetensors file: an 8-byte length, a JSON header, data."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    body = data[8 + length :]
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    return {
        name: struct.unpack(f"<{(b - a) // 4}f", body[a:b])
        for name, entry in header.items()
        if entry["dtype"] == "F32"
        for a, b in [entry["data_offsets"]]
    }


def coefficient_distance(folder):
    """The largest difference from scikit-learn's coefficients on the same problem."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    x, y = load_breast_cancer(return_X_y=True)
    solver = LogisticRegression(C=1.0, tol=1e-12, max_iter=100_000)
    solver.fit(StandardScaler().fit_transform(x), y)
    right = [*solver.coef_[0], solver.intercept_[0]]
    found = tensors(pathlib.Path(folder) / "model.safetensors")
    weight, bias = found["output.weight"], found["output.bias"]
    # Which class is called 1 is a matter of its name: benign comes first here.
    def distance(sign):
        return max(abs(sign * f - r) for f, r in zip([*weight, *bias], right, strict=True))

    return min(distance(1), distance(-1))


def measured(figure, folder):
    """The value to compare with the goal."""
    if figure.measure == "coefficients":
        return coefficient_distance(folder)
    summary = json.loads((pathlib.Path(folder) / "summary.json").read_text())
    return summary["test"][figure.measure]


def shown(figure, value):
    """A value of the figure's measure for people."""
    if figure.measure == "accuracy":
        return f"{100 * value:.2f} %"
    return f"{value:,.0f}" if value > 1 else f"{value:.1e}"


def row(figure, options):
    """One row of the table, and whether the goal was met."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            seconds = train(figure, options, f"{folder}/run")
            value = measured(figure, f"{folder}/run")
        except (subprocess.CalledProcessError, ImportError, KeyError) as error:
            return f"| {figure.name} | {figure.measure} | failed: {error!r} | | | no |", False
    good = figure.reached(value, seconds)
    sign = "≥" if figure.least else "≤"
    limit = f" (≤ {figure.seconds:.0f})" if figure.seconds else ""
    cells = [
        figure.name, figure.measure, shown(figure, value), f"{sign} {shown(figure, figure.goal)}",
        f"{seconds:.1f}{limit}", "yes" if good else "no",
    ]
    return "| " + " | ".join(cells) + " |", good


def parse():
    """The command line."""
    parser = command.parser(__doc__)
    add, names = parser.add_argument, [f.name for f in FIGURES]
    add("figures", nargs="*", choices=[[], *names], default=[])
    command.add_data(parser)
    add("--threads", type=int)
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="handed to every run")
    add("--verbose", action="store_true", help="show what the program says")
    options = parser.parse_args()
    return options


def main():
    """Trains, prints, and ends with 1 if a goal was missed."""
    options = parse()
    build = ["cargo", "build", "--release", "--quiet", "-p", "gradwise"]
    subprocess.run(build, cwd=ROOT, check=True)
    lines = ["| run file | measure | reached | goal | seconds | met |", "|---" * 6 + "|"]
    print("\n".join(lines))
    all_good = True
    for figure in FIGURES:
        if not options.figures or figure.name in options.figures:
            line, good = row(figure, options)
            print(line, flush=True)
            lines.append(line)
            all_good &= good
    if options.write:
        write("figures", "\n".join(lines))
    sys.exit(0 if all_good else 1)


if __name__ == "__main__":
    main()
