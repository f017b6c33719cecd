#!/usr/bin/env python3
"""Times how long it takes from the command to the first training step, on digits.

    bench/start.py
    bench/start.py --rounds 30 --write

The first figure is to the record of the first step in the run folder's log: from the
process's start to the training's, and that step. The second is a whole command of one
single step, with validation, test rows and the model written.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import command
from machine import heading
from peers import ROOT
from tables import markdown

PROGRAM = ROOT / "target/release/gradwise"


def run(settings, folder):
    """Milliseconds of the command, and until its first step was done."""
    command = [PROGRAM, "train", "examples/digits.toml", "--out", folder]
    for setting in settings:
        command += ["--set", setting]
    wall, start = time.time(), time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    whole = time.perf_counter() - start
    events = [json.loads(e) for e in pathlib.Path(folder, "events.jsonl").read_text().splitlines()]
    begun = next(event["time"] for event in events if event["kind"] == "start")
    first = next(event["seconds"] for event in events if event["kind"] == "step")
    return 1e3 * whole, 1e3 * (begun + first - wall)


def report(rounds):
    """The table."""
    found = {"to the first step": [], "a whole command of one step": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            found["to the first step"].append(run(["train.epochs=1"], f"{folder}/a")[1])
            one = ["train.epochs=1", "train.batch=1437"]
            found["a whole command of one step"].append(run(one, f"{folder}/b")[0])
    rows = [
        [what, f"{statistics.median(times):.1f} ({min(times):.1f}–{max(times):.1f})"]
        for what, times in found.items()
    ]
    note = f"Milliseconds: median (min–max) of {rounds}"
    return heading(sys.executable, note, packages=()) + "\n\n" + markdown(["", "ms"], rows)


def main():
    """Measures and prints."""
    parser = command.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    build = ["cargo", "build", "--release", "--quiet", "-p", "gradwise"]
    subprocess.run(build, cwd=ROOT, check=True)
    text = report(options.rounds)
    command.publish(options, "start", text)


if __name__ == "__main__":
    main()
