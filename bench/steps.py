#!/usr/bin/env python3
"""Times training steps of gradwise beside its peers, alternating in one run.

    bench/steps.py                              the first five networks, all threads
    bench/steps.py --networks all --threads 1 2
    bench/steps.py --networks deep --optimizer adam --peers gradwise torch-fused
    bench/steps.py --forward                    the scores alone
    bench/steps.py --write --json steps.json    also into bench/RESULTS.md, and for plots.py

Every peer is a process that lives as long as a network is timed, and runs when asked
to; the others sleep. So all of them see the same machine, with its noise, in turns.
"""

import json
import os
import pathlib
import sys
from dataclasses import replace

import command
import tables
from machine import Peaks, heading
from networks import FIVE, NETWORKS
from peers import OURS, alternate, build_ours, chosen_modes, default_python, modes, start
from results import write


def measure(network, threads, chosen, peaks, options):
    """One record: see `tables`."""
    spec = network.spec(threads, options.forward)
    running, failed = start(chosen, spec, options.verbose)
    alternate(running, options.rounds, options.seconds)
    for peer in running:
        peer.end()
    words = [network.name] + [f"{threads} thread{'s' * (threads > 1)}"] * (len(options.threads) > 1)
    return {
        "label": ", ".join(words),
        "network": network.name,
        "threads": threads,
        "operations": network.operations(options.forward),
        "peaks": peaks,
        "failed": failed,
        "times": {peer.name: tables.spread(peer.times) for peer in running},
    }


def report(records, chosen, options):
    """The text for people."""
    what = "Scores alone (forward)" if options.forward else "Whole training steps"
    if options.optimizer:
        what += f" with {options.optimizer}"
    peaks = {record["threads"]: record["peaks"] for record in records}
    found = "; ".join(
        f"{threads} thread{'s' * (threads > 1)} "
        + ", ".join(f"{p} {peak:,.0f}" for p, peak in each.items() if p not in OURS)
        for threads, each in peaks.items() if each
    )
    notes = [what, f"Microseconds: median (min–max) of {options.rounds} turns"]
    if found:
        notes.append(f"Peaks measured in this run, GFLOP/s: {found}")
    precisions = {name: mode.precision for name, mode in chosen.items()}
    return "\n\n".join([
        heading(options.python, *notes),
        tables.of_ratios(records, precisions, FIVE),
        tables.of_times(records, list(chosen)),
    ])


def parse():
    """The command line."""
    parser = command.parser(__doc__, writes=False)
    add, known = parser.add_argument, list(modes(""))
    add("--networks", nargs="+", choices=["all", *NETWORKS], default=FIVE, metavar="NAME",
        help=f"{', '.join(NETWORKS)}, or all")
    add("--peers", nargs="+", choices=known, default=known, metavar="NAME",
        help=f"{', '.join(known)} (default: all that are installed)")
    add("--threads", type=int, nargs="+", default=[os.cpu_count()])
    add("--optimizer", choices=["sgd", "adam"], help="for all networks, instead of their own")
    add("--forward", action="store_true", help="the scores alone, not training steps")
    add("--rounds", type=int, default=6, help="turns of each peer")
    add("--seconds", type=float, default=1.0, help="warm-up; a turn takes half of it")
    add("--no-peaks", action="store_true", help="do not measure the machine's peaks")
    add("--python", default=default_python(),
        help="an interpreter that has the peers: bench/setup.sh makes one")
    add("--write", nargs="?", const="steps", metavar="PART",
        help="write that part of bench/RESULTS.md (default: steps)")
    add("--json", type=pathlib.Path, help="write all records to this file")
    add("--verbose", action="store_true", help="show what the peers say")
    options = parser.parse_args()
    if "all" in options.networks:
        options.networks = list(NETWORKS)
    return options


def main():
    """Measures, prints, and writes if asked to."""
    options = parse()
    chosen = chosen_modes(options)
    build_ours()
    meter = None if options.no_peaks else Peaks()
    peaks = {threads: meter.measure(threads) if meter else {} for threads in options.threads}
    records = []
    for name in options.networks:
        network = NETWORKS[name]
        if options.optimizer:
            network = replace(network, optimizer=options.optimizer)
        for threads in options.threads:
            records.append(measure(network, threads, chosen, peaks[threads], options))
            print(tables.of_times(records[-1:], chosen).splitlines()[2], file=sys.stderr)
            if options.json:
                options.json.write_text(json.dumps(records, indent=1))
    text = report(records, chosen, options)
    print(text)
    if options.write:
        write(options.write, text)


if __name__ == "__main__":
    main()
