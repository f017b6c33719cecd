#!/usr/bin/env python3
"""What do the measures of health cost a training, and do they change a bit of it?

    bench/probes.py
    bench/probes.py digits --rounds 5 --write

Each run file is trained with measures at the default interval, at every step, and
never, in turns; compared are the seconds of the training alone. The files of weights
must be the same.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import command
from figures import FIGURES, ROOT, tensors, train
from machine import heading
from tables import markdown

EVERY = {"never": "1000000000", "by default": '"auto"', "at every step": "1"}
# Enough epochs that measuring has found its pace, few enough to wait for.
EPOCHS = {"digits": 30, "fashion-mnist": 2, "mnist": 2}
DEEP = ["model.width=500", "model.depth=10", 'model.activation="tanh"', 'model.init="xavier"',
        "train.lr=0.01", "model.dropout=0.0"]
RUNS = {
    "digits": ("digits", []),
    "fashion-mnist 512-512": ("fashion-mnist", []),
    "mnist 10 × 500 tanh": ("mnist", DEEP),
}


def once(figure, settings, every, options):
    """Seconds of the training, and the weights."""
    options.set = [*settings, f"health.every={every}"]
    options.set += [f"train.epochs={options.epochs or EPOCHS[figure.name]}"]
    options.set += [f'train.precision="{options.precision}"']
    with tempfile.TemporaryDirectory() as folder:
        train(figure, options, f"{folder}/run")
        summary = json.loads(pathlib.Path(folder, "run/summary.json").read_text())
        return summary["timings"]["training"], tensors(pathlib.Path(folder, "run/model.safetensors"))


def row(name, options):
    """One run: seconds of each, and what the measures add."""
    run, settings = RUNS[name]
    figure = next(figure for figure in FIGURES if figure.name == run)
    seconds, weights = {how: [] for how in EVERY}, []
    for _ in range(options.rounds):
        for how, every in EVERY.items():
            time, found = once(figure, settings, every, options)
            seconds[how].append(time)
            weights.append(found)
    middle = {how: statistics.median(times) for how, times in seconds.items()}
    same = all(found == weights[0] for found in weights)
    cells = [name, f"{middle['never']:.2f} s"]
    cells += [f"{100 * (middle[how] / middle['never'] - 1):+.1f} %" for how in list(EVERY)[1:]]
    print(cells, same, file=sys.stderr)
    return [*cells, "yes" if same else "NO"]


def parse():
    """The command line."""
    parser = command.parser(__doc__)
    add = parser.add_argument
    add("runs", nargs="*", choices=[[], *RUNS], default=[])
    command.add_data(parser)
    add("--rounds", type=int, default=3)
    add("--epochs", type=int)
    add("--precision", choices=["f32", "bf16"], default="f32")
    add("--threads", type=int)
    options = parser.parse_args()
    options.verbose = False
    return options


def main():
    """Trains, and prints the table."""
    options = parse()
    build = ["cargo", "build", "--release", "--quiet", "-p", "gradwise"]
    subprocess.run(build, cwd=ROOT, check=True)
    rows = [row(name, options) for name in options.runs or RUNS]
    header = ["run", "without measures", "at the default interval", "at every step", "same weights"]
    note = f"Training alone, {options.precision}, median of {options.rounds} turns"
    text = heading(sys.executable, note, packages=()) + "\n\n" + markdown(header, rows)
    command.publish(options, "probes", text)


if __name__ == "__main__":
    main()
