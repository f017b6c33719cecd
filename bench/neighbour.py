#!/usr/bin/env python3
"""Times training steps while another process keeps one core busy, beside steps alone.

    bench/neighbour.py
    bench/neighbour.py --networks deep --peers gradwise torch-fused --write

Threads that spin while they wait lose most here: on a machine that is shared, a step
must not wait for a thread that has no core.
"""

import os
import statistics
import subprocess
import sys
import time

import command
from machine import heading
from networks import FIVE, NETWORKS
from peers import CannotRun, Peer, build_ours, chosen_modes, default_python, modes
from tables import markdown


class Busy:
    """A process that does nothing but keep a core busy."""

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        time.sleep(0.3)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def measure(name, mode, spec, options):
    """Median step times alone and beside the busy process, in microseconds, each of
    alternating turns."""
    peer = Peer(name, mode, spec)
    peer.run_for(options.seconds)
    alone, beside = [], []
    for _ in range(options.rounds):
        alone += peer.run_for(options.seconds)
        with Busy():
            beside += peer.run_for(options.seconds)
    peer.end()
    return statistics.median(alone), statistics.median(beside)


def row(network, chosen, options):
    """One network: each peer's times, and how much slower the neighbour makes them."""
    cells = [network.name]
    for name, mode in chosen.items():
        try:
            alone, beside = measure(name, mode, network.spec(options.threads), options)
            cells.append(f"{alone:,.0f} → {beside:,.0f} ({beside / alone:.1f}×)")
        except CannotRun as why:
            print(f"{name} does not run here: {why}", file=sys.stderr)
            cells.append("–")
    print(cells, file=sys.stderr)
    return cells


def parse():
    """The command line."""
    parser = command.parser(__doc__)
    add, known = parser.add_argument, list(modes(""))
    add("--networks", nargs="+", choices=NETWORKS, default=FIVE, metavar="NAME")
    add("--peers", nargs="+", choices=known, metavar="NAME",
        default=["gradwise", "gradwise-bf16", "torch-fused", "torch-bf16"])
    add("--threads", type=int, default=os.cpu_count())
    add("--rounds", type=int, default=3)
    add("--seconds", type=float, default=1.0, help="of each turn")
    add("--python", default=default_python())
    return parser.parse_args()


def main():
    """Measures and prints."""
    options = parse()
    chosen = chosen_modes(options)
    build_ours()
    rows = [row(NETWORKS[name], chosen, options) for name in options.networks]
    note = f"Median µs a step alone → beside a process that keeps one core busy, {options.threads} threads"
    text = heading(options.python, note) + "\n\n" + markdown(["network", *chosen], rows)
    command.publish(options, "neighbour", text)


if __name__ == "__main__":
    main()
