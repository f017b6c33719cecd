#!/usr/bin/env python3
"""Times training steps as the work grows: batch, width, depth and threads; and an epoch
as rows do. Draws them.

    bench/scaling.py                           prints the table, writes bench/scaling.svg
    bench/scaling.py --axes batch depth --peers gradwise torch-fused --write

Everything but the axis is a net of 784-512-512-10, batch 128, relu. A line that is
straight on these logarithmic axes with a slope of one costs as much as the work grows.
"""

import json
import os
import statistics
import sys
from dataclasses import replace

import command
import drawing
from machine import heading
from networks import Network
from peers import HERE, CannotRun, Peer, build_ours, chosen_modes, default_python, modes
from tables import markdown

BASE = Network("", (784, 512, 512, 10), 128, "relu")
ROWS = 60_000  # of an epoch


def axes():
    """For each axis: its values with the network and threads at each."""
    cores = os.cpu_count()
    return {
        "batch": {b: (replace(BASE, batch=b), cores) for b in (1, 4, 16, 64, 256, 1024, 4096, 16384)},
        "width": {
            w: (replace(BASE, widths=(784, w, w, 10)), cores)
            for w in (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
        },
        "depth": {
            d: (replace(BASE, widths=(784, *[512] * d, 10)), cores) for d in (1, 2, 4, 8, 16, 32)
        },
        # What a number just above a multiple of a tile costs.
        "fine-batch": {b: (replace(BASE, batch=b), cores) for b in (96, 112, 127, 128, 129, 144, 160)},
        "fine-width": {
            w: (replace(BASE, widths=(784, w, w, 10)), cores)
            for w in (480, 496, 500, 511, 512, 513, 520, 528, 544)
        },
        "threads": {t: (replace(BASE, batch=1024), t) for t in range(1, cores + 1)},
    }


def microseconds(name, mode, network, threads, seconds):
    """The median step of one peer at one point."""
    try:
        peer = Peer(name, mode, network.spec(threads))
    except CannotRun as why:
        print(f"{name} does not run here: {why}", file=sys.stderr)
        return None
    peer.run_for(seconds / 2)
    times = peer.run_for(seconds)
    peer.end()
    return statistics.median(times)


def measure(chosen, options):
    """Axis → peer → (value, microseconds) of each point."""
    found = {}
    for axis in options.axes:
        found[axis] = {name: [] for name in chosen}
        for value, (network, threads) in axes()[axis].items():
            for name, mode in chosen.items():
                time = microseconds(name, mode, network, threads, options.seconds)
                if time is not None:
                    found[axis][name].append((value, time))
            print(axis, value, [points[-1:] for points in found[axis].values()], file=sys.stderr)
    if "batch" in found:  # an epoch's rows are so many steps
        found["seconds of 60,000 rows by batch"] = {
            name: [(batch, time * ROWS / batch / 1e6) for batch, time in points]
            for name, points in found["batch"].items()
        }
    return found


def table(found):
    """A row for each point; µs a step and how the time grew beside the value."""
    rows = []
    for axis, series in found.items():
        if " " in axis:
            continue
        for index, value in enumerate(dict(next(iter(series.values())))):
            cells = [axis, f"{value:,}"]
            for points in series.values():
                time = dict(points).get(value)
                cells.append(f"{time:,.0f}" if time else "–")
            rows.append(cells)
    return markdown(["axis", "value", *next(iter(found.values()))], rows)


def parse():
    """The command line."""
    parser = command.parser(__doc__)
    add, known = parser.add_argument, list(modes(""))
    add("--axes", nargs="+", choices=axes(), default=list(axes()))
    add("--peers", nargs="+", choices=known, metavar="NAME",
        default=["gradwise", "gradwise-bf16", "torch-fused"])
    add("--seconds", type=float, default=0.6, help="of each point")
    add("--python", default=default_python())
    add("--json", help="write the points to this file")
    add("--plot", default=HERE / "scaling.svg", help="where to draw them")
    return parser.parse_args()


def main():
    """Measures, draws, prints."""
    options = parse()
    chosen = chosen_modes(options)
    build_ours()
    found = measure(chosen, options)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(found, file, indent=1)
    with open(options.plot, "w") as file:
        file.write(drawing.lines({axis: f for axis, f in found.items() if not axis.startswith("fine")}))
    text = heading(options.python, "Median µs a step") + "\n\n" + table(found)
    command.publish(options, "scaling", text)


if __name__ == "__main__":
    main()
