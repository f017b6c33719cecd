#!/usr/bin/env python3
"""Times training steps without the newest instructions: AVX2, and plain code.

    bench/instruction_sets.py
    bench/instruction_sets.py --networks deep --write

gradwise is held to a set by GRADWISE_ISA; PyTorch by ATEN_CPU_CAPABILITY, as its users
do, which leaves the products to MKL with all that the processor has, and in a second
column with MKL and oneDNN held to the same instructions.
"""

import os
import sys

import command
import tables
from machine import heading
from networks import NETWORKS
from peers import Mode, alternate, build_ours, default_python, modes, start

# Our set; PyTorch's; MKL's and oneDNN's.
SETS = {
    "avx2": {"aten": "avx2", "mkl": "AVX2", "onednn": "AVX2"},
    "portable": {"aten": "default", "mkl": "SSE4_2", "onednn": "SSE41"},
}


def held(isa, python):
    """The peers, held to an instruction set."""
    known, limits = modes(python), SETS[isa]
    aten = {"ATEN_CPU_CAPABILITY": limits["aten"]}
    products = {"MKL_ENABLE_INSTRUCTIONS": limits["mkl"], "ONEDNN_MAX_CPU_ISA": limits["onednn"]}

    def with_environment(name, more):
        mode = known[name]
        return Mode(mode.command, mode.precision, {**mode.environment, **more})

    return {
        "gradwise": with_environment("gradwise", {"GRADWISE_ISA": isa}),
        "torch (ATen held)": with_environment("torch-fused", aten),
        "torch (products held too)": with_environment("torch-fused", {**aten, **products}),
    }


def row(isa, network, options):
    """One network: times and ratios."""
    running, failed = start(held(isa, options.python), network.spec(options.threads))
    alternate(running, options.rounds, options.seconds)
    for peer in running:
        peer.end()
    times = {peer.name: tables.spread(peer.times) for peer in running}
    ours = times["gradwise"]["median"]
    cells = [f"{network.name}, {isa}"]
    for name in held(isa, options.python):
        ratio = f", {times[name]['median'] / ours:.2f}×" if name in times else failed[name]
        cells.append(tables.cell(times.get(name)) + (ratio if name != "gradwise" else ""))
    print(cells, file=sys.stderr)
    return cells


def parse():
    """The command line."""
    parser = command.parser(__doc__)
    add = parser.add_argument
    add("--networks", nargs="+", choices=NETWORKS, default=["deep", "cifar", "wide"])
    add("--sets", nargs="+", choices=SETS, default=list(SETS))
    add("--threads", type=int, default=os.cpu_count())
    add("--rounds", type=int, default=4)
    add("--seconds", type=float, default=1.0, help="warm-up; a turn takes half of it")
    add("--python", default=default_python())
    return parser.parse_args()


def main():
    """Measures and prints."""
    options = parse()
    build_ours()
    rows = [row(isa, NETWORKS[n], options) for isa in options.sets for n in options.networks]
    note = "Microseconds a step: median (min–max), and the ratio to ours"
    header = ["network, set", *held("avx2", "")]
    text = heading(options.python, f"{options.threads} threads", note, packages=("torch",))
    text += "\n\n" + tables.markdown(header, rows)
    command.publish(options, "instruction sets", text)


if __name__ == "__main__":
    main()
