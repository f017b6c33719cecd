#!/usr/bin/env python3
"""Where the time of a training step goes, beside what the machine allows at best.

    bench/parts.py                                all networks, f32 and bf16
    bench/parts.py --networks deep wide --threads 1 --write

`gradwise bench --parts` times each part of a step by itself. What the machine allows:
the step's multiplications at the multipliers' peak, measured in the same run; and the
bytes of parameters and velocity that a step must read. In f32 each weight is read for
the forward pass, for the input's gradient and, with its velocity, for the update; of
bf16 products it is two bytes each for the first two, and four and two for the update.
"""

import json
import os
import re
import subprocess
import sys

import command
from machine import heading
from networks import NETWORKS
from peers import ROOT
from tables import markdown

PROGRAM = ROOT / "target/release/gradwise"
KINDS = ("forward", "input's gradient", "weights' gradient, update", "both in one", "rest")


def kind(what):
    """What a part of a step is, by the words in which the plan tells it."""
    if "; with it" in what:
        return "both in one"
    if not re.search(r"product|dot products", what):
        return "rest"
    if "A·Bᵀ" in what:
        return "input's gradient"
    return "weights' gradient, update" if "Aᵀ·B" in what else "forward"


def read(network, precision):
    """Bytes of parameters and of what the optimizer remembers that a step reads."""
    states = 2 if network.optimizer == "adam" else 1
    update = 4 + 4 * states if precision == "f32" or states == 2 else 6
    return network.parameters * (update + (8 if precision == "f32" else 4))


def row(figure):
    """One network in one precision."""
    network = NETWORKS[figure["network"]]
    sums = dict.fromkeys(KINDS, 0.0)
    for part in figure["parts"]:
        sums[kind(part["what"])] += part["microseconds"]
    peak = figure["of_peak"] * figure["median"]
    cells = [figure["median"], sum(sums.values()), *sums.values(), peak]
    megabytes = f"{read(network, figure['precision']) / 1e6:,.1f}"
    return [network.name, figure["precision"], *(f"{c:,.{1 if c < 100 else 0}f}" for c in cells), megabytes]


def main():
    """Measures and prints."""
    parser = command.parser(__doc__)
    add = parser.add_argument
    add("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS), metavar="NAME")
    add("--threads", type=int, default=os.cpu_count())
    add("--seconds", default="0.5")
    options = parser.parse_args()
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
    call = [PROGRAM, "bench", *options.networks, "--threads", str(options.threads)]
    call += ["--seconds", options.seconds, "--parts", "--json"]
    report = json.loads(subprocess.run(call, check=True, stdout=subprocess.PIPE).stdout)
    header = ["network", "products", "µs a step", "sum of the parts", *KINDS,
              "the multipliers alone", "parameters read, MB"]
    what = f"{options.threads} threads. Microseconds: the median step; each part's fastest"
    text = heading(sys.executable, what, packages=()) + "\n\n" + markdown(header, map(row, report["figures"]))
    command.publish(options, "parts", text)


if __name__ == "__main__":
    main()
