#!/usr/bin/env python3
"""Does training with bf16 products end as well as with f32? Run files over seeds.

    bench/convergence.py --data FOLDER          mnist, fashion-mnist, cifar10-dense
    bench/convergence.py mnist --seeds 3 --epochs 2

FOLDER, or GRADWISE_DATA, is searched for data as `figures.py` does. A run file is
trained once for each seed and precision; bf16 is within the spread of the seeds if its
mean lies within two standard errors of the difference from f32's mean, or above it.
"""

import statistics
import subprocess
import sys
import tempfile

import command
from figures import FIGURES, ROOT, measured, train
from tables import markdown

NAMES = ("mnist", "fashion-mnist", "cifar10-dense")
EPOCHS = {"cifar10-dense": 4}  # of 22: shortened, for time; the others are whole


def accuracies(figure, precision, options):
    """The test accuracy of each seed."""
    found = []
    epochs = options.epochs or EPOCHS.get(figure.name)
    for seed in range(options.seeds):
        options.set = [f"seed={seed}", f'train.precision="{precision}"']
        options.set += [f"train.epochs={epochs}"] if epochs else []
        with tempfile.TemporaryDirectory() as folder:
            train(figure, options, f"{folder}/run")
            found.append(measured(figure, f"{folder}/run"))
        print(f"{figure.name} {precision} seed {seed}: {100 * found[-1]:.2f} %", file=sys.stderr)
    return found


def within(f32, bf16):
    """Whether bf16's mean is not below f32's by more than the seeds explain."""
    variance = (statistics.variance(f32) + statistics.variance(bf16)) / len(f32)
    return statistics.mean(bf16) >= statistics.mean(f32) - 2 * variance**0.5


def row(figure, options):
    """One run file: the two means, the seeds' deviations, the verdict."""
    found = {p: accuracies(figure, p, options) for p in ("f32", "bf16")}
    cells = [
        f"{100 * statistics.mean(a):.2f} % ± {100 * statistics.stdev(a):.2f}"
        for a in found.values()
    ]
    epochs = options.epochs or EPOCHS.get(figure.name)
    name = figure.name + (f", {epochs} epochs" if epochs else "")
    return [name, str(options.seeds), *cells, "yes" if within(*found.values()) else "no"]


def parse():
    """The command line."""
    parser = command.parser(__doc__)
    add = parser.add_argument
    add("runs", nargs="*", choices=[[], *NAMES], default=[])
    command.add_data(parser)
    add("--seeds", type=int, default=5)
    add("--epochs", type=int, help="instead of the run file's own")
    add("--threads", type=int)
    options = parser.parse_args()
    options.verbose = False
    return options


def main():
    """Trains, and prints the table."""
    options = parse()
    build = ["cargo", "build", "--release", "--quiet", "-p", "gradwise"]
    subprocess.run(build, cwd=ROOT, check=True)
    names = options.runs or NAMES
    rows = [row(figure, options) for figure in FIGURES if figure.name in names]
    header = ["run file", "seeds", "f32", "bf16", "bf16 within the seeds' spread"]
    text = "Test accuracy, mean ± standard deviation over seeds.\n\n" + markdown(header, rows)
    command.publish(options, "convergence", text)


if __name__ == "__main__":
    main()
