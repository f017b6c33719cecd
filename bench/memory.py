#!/usr/bin/env python3
"""Compares the most memory that training holds, with what it needs and with PyTorch.

    bench/memory.py
    bench/memory.py --networks wide --write           (Linux: reads VmHWM)

What a step needs, in bytes: parameters, optimizer state and gradients of 4 each; the
batch and each layer's output of 4; and of bf16 products the packed copies, 2 for every
weight and every output in each of two orientations. The four batches that the
benchmark keeps in memory are the caller's and counted too.
"""

import os
import sys

import command
from machine import heading
from networks import NETWORKS
from peers import OURS, build_ours, chosen_modes, default_python, modes, start
from tables import markdown

BATCHES = 4
MEGABYTE = 1e6


def needed(network, precision):
    """Bytes of one training."""
    states = 2 if network.optimizer == "adam" else 1
    sums = sum(each for _, each in network.layers)
    rows = network.batch * (network.widths[0] + sums)
    total = 4 * network.parameters * (2 + states) + 4 * rows
    if precision == "bf16":
        total += 2 * 2 * (network.parameters + rows)
    return total + 4 * BATCHES * network.batch * (network.widths[0] + 1)


def row(network, chosen, options):
    """One network: what is needed, and each peer's peak."""
    running, _ = start(chosen, network.spec(options.threads))
    peaks = {}
    for peer in running:
        peer.ask(options.steps)
        peaks[peer.name] = peer.peak_memory()
        peer.end()
    cells = [network.name]
    for precision, ours in OURS.items():
        need = needed(network, precision)
        cells += [f"{need / MEGABYTE:,.1f}", f"{peaks[ours] / MEGABYTE:,.1f}" if ours in peaks else "–"]
        cells.append(f"{peaks[ours] / need:.2f}" if ours in peaks else "–")
    others = [name for name in chosen if name not in OURS.values()]
    cells += [f"{peaks[name] / MEGABYTE:,.0f}" if name in peaks else "–" for name in others]
    print(cells, file=sys.stderr)
    return cells


def parse():
    """The command line."""
    parser = command.parser(__doc__)
    add, known = parser.add_argument, list(modes(""))
    add("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS), metavar="NAME")
    add("--peers", nargs="+", choices=known, default=[*OURS.values(), "torch", "torch-bf16"])
    add("--threads", type=int, default=os.cpu_count())
    add("--steps", type=int, default=8)
    add("--python", default=default_python())
    return parser.parse_args()


def main():
    """Measures and prints."""
    options = parse()
    chosen = chosen_modes(options)
    build_ours()
    rows = [row(NETWORKS[name], chosen, options) for name in options.networks]
    header = ["network", "needed, f32", "gradwise", "ratio", "needed, bf16", "gradwise-bf16",
              "ratio", *(name for name in chosen if name not in OURS.values())]
    text = heading(options.python, "Peak of the whole process (VmHWM) in MB", packages=("torch",))
    text += "\n\n" + markdown(header, rows)
    command.publish(options, "memory", text)


if __name__ == "__main__":
    main()
