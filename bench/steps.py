#!/usr/bin/env python3
"""Times whole training steps of gradwise beside its peers, alternating in one run.

    bench/steps.py                         the five networks, PyTorch eager, 2 threads
    bench/steps.py --networks deep wide --peers torch torch-fused jax --threads 1
    bench/steps.py --write                 also writes the table into bench/RESULTS.md

Every peer is a process that lives as long as a network is timed, and runs when asked
to; the others sleep. So all of them see the same machine, with its noise, in turns.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

from networks import FIVE, NETWORKS
from results import write

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
OURS = "gradwise"


def peers(python):
    """The command of every peer; the name says the mode."""
    torch = [python, str(HERE / "peers/torch_steps.py")]
    return {
        OURS: [str(ROOT / "target/release/gradwise-bench")],
        "torch": torch,
        "torch-fused": [*torch, "fused"],
        "torch-compile": [*torch, "fused", "compile"],
        "torch-bf16": [*torch, "fused", "bf16"],
        "torch-bf16-compile": [*torch, "fused", "bf16", "compile"],
        "jax": [python, str(HERE / "peers/jax_steps.py")],
    }


class Peer:
    """A running peer with a network built."""

    def __init__(self, name, command, spec, verbose):
        self.name = name
        environment = {**os.environ, "OMP_NUM_THREADS": str(spec["threads"])}
        errors = None if verbose or name == OURS else subprocess.DEVNULL
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            text=True, env=environment,
        )
        self.times = []
        self.ask(spec)

    def ask(self, request):
        """The answer to one request."""
        try:
            print(json.dumps(request), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.name} ended without an answer; --verbose shows what it said")
        return json.loads(answer)

    def warm_up(self, seconds):
        """Runs until it is warm, and finds how many steps fill a turn."""
        count, end = 1, time.monotonic() + seconds
        while True:
            times = self.ask(count)
            if time.monotonic() > end:
                break
            count = min(2 * count, 1 + int(1e6 * seconds / 4 / statistics.median(times)))
        self.turn = max(3, int(1e6 * seconds / 2 / statistics.median(times)))

    def run(self):
        """One turn. Its first steps, in which caches and threads wake, do not count."""
        self.times += self.ask(self.turn + self.turn // 10 + 1)[self.turn // 10 + 1 :]

    def end(self):
        """Lets the process go."""
        self.process.stdin.close()
        self.process.wait()


def measure(network, commands, options):
    """The step times of each peer for one network, in microseconds."""
    spec = network.spec(options.threads)
    running = [Peer(n, c, spec, options.verbose) for n, c in commands.items()]
    for peer in running:
        peer.warm_up(options.seconds)
    for _ in range(options.rounds):
        for peer in running:
            time.sleep(0.25)  # the one before may still be spinning
            peer.run()
    for peer in running:
        peer.end()
    return {peer.name: peer.times for peer in running}


def row(name, times):
    """The table's cells for one network, and the ratio of the best peer to ours."""
    def cell(values):
        low, middle, high = min(values), statistics.median(values), max(values)
        return f"{middle:,.0f} ({low:,.0f}–{high:,.0f})"

    others = [statistics.median(v) for n, v in times.items() if n != OURS]
    ratio = min(others) / statistics.median(times[OURS]) if OURS in times and others else None
    cells = [name, *map(cell, times.values()), f"{ratio:.2f}" if ratio else "–"]
    return cells, ratio


def table(results):
    """Markdown, and the geometric mean of the ratios below."""
    names = list(next(iter(results.values())))
    rows = [row(network, times) for network, times in results.items()]
    lines = ["| network | " + " | ".join(names) + " | best peer / gradwise |"]
    lines.append("|---" * (len(names) + 2) + "|")
    lines += ["| " + " | ".join(cells) + " |" for cells, _ in rows]
    ratios = [ratio for _, ratio in rows if ratio]
    if ratios:
        lines.append(f"\nGeometric mean of the ratios: {statistics.geometric_mean(ratios):.2f}")
    return "\n".join(lines)


def machine(python, options):
    """What was measured, where, when and with what."""
    cpu = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line),
        platform.processor(),
    )
    versions = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True
    ).stdout.split()
    wanted = [v for v in versions if v.split("==")[0] in ("torch", "jax")]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    return (
        f"{datetime.date.today()}, {cpu}, {os.cpu_count()} processors, "
        f"{options.threads} threads; gradwise {commit}, {', '.join(wanted)}. "
        f"Microseconds a step: median (min–max), {options.rounds} turns each."
    )


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--networks", nargs="+", choices=NETWORKS, default=[n.name for n in FIVE])
    add("--peers", nargs="+", choices=peers(""), default=[OURS, "torch"])
    add("--threads", type=int, default=os.cpu_count())
    add("--rounds", type=int, default=8, help="turns of each peer")
    add("--seconds", type=float, default=1.0, help="warm-up; a turn takes half of it")
    default = ROOT / ".venv/bin/python"
    add("--python", default=str(default) if default.exists() else sys.executable,
        help="an interpreter that has the peers: bench/setup.sh makes one")
    add("--write", action="store_true", help="write bench/RESULTS.md")
    add("--json", help="write every step's time to this file")
    add("--verbose", action="store_true", help="show what the peers say")
    return parser.parse_args()


def main():
    """Measures, prints, and writes if asked to."""
    options = parse()
    commands = {n: c for n, c in peers(options.python).items() if n in options.peers}
    if OURS in commands:
        build = ["cargo", "build", "--release", "--quiet", "-p", "gradwise-bench"]
        subprocess.run(build, cwd=ROOT, check=True)
    results = {}
    for name in options.networks:
        results[name] = measure(NETWORKS[name], commands, options)
        print(table({name: results[name]}).splitlines()[2], file=sys.stderr)
    text = machine(options.python, options) + "\n\n" + table(results)
    print(text)
    if options.write:
        write("steps", text)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results))


if __name__ == "__main__":
    main()
