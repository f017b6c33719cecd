#!/usr/bin/env python3
"""Draws the ratios that `steps.py --json FILE` measured, with the goals as ticks.

    bench/plot.py steps.json -o bench/steps.svg
"""

import json
import pathlib

import command
import drawing
import tables
from peers import HERE, OURS, modes

# The goals: best peer / gradwise.
GOALS = {
    "f32": {"deep": 1.35, "cifar": 1.1, "wide": 1.05, "mlp": 3.5, "logreg": 4},
    "bf16": {"deep": 3.7, "cifar": 3, "wide": 2.6, "mlp": 8, "logreg": 7},
}
SERIES = {"f32": "f32 against all f32", "bf16": "bf16 against everything"}


def main():
    """Reads and draws."""
    parser = command.parser(__doc__, writes=False)
    parser.add_argument("records", type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path, default=HERE / "steps.svg")
    options = parser.parse_args()
    precisions = {name: mode.precision for name, mode in modes("").items()}
    groups = {}
    for record in json.loads(options.records.read_text()):
        found = {p: tables.ratio(record, p, precisions) for p in OURS}
        groups[record["label"]] = {SERIES[p]: each[0] for p, each in found.items() if each}
    goals = {SERIES[precision]: each for precision, each in GOALS.items()}
    title = "Time of the best peer / time of gradwise, a training step (| the goal)"
    options.output.write_text(drawing.bars(title, groups, goals))


if __name__ == "__main__":
    main()
