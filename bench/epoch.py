#!/usr/bin/env python3
"""Times the whole job: Fashion-MNIST from the run file beside PyTorch's usual scripts.

    bench/epoch.py
    bench/epoch.py --folder FOLDER --epochs 3 --rounds 5 --write

Reading, shuffling, pre-processing, training, validation, the test rows and (for ours)
everything a run folder holds are in it. Ours is the time of the whole process; of
PyTorch's script, that after `import torch`. FOLDER has the IDX files; left out, it is
where `gradwise data fashion-mnist` finds or puts them.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import command
from machine import heading
from peers import HERE, ROOT, default_python
from tables import markdown

PROGRAM = ROOT / "target/release/gradwise"
SCRIPTS = {
    "PyTorch, DataLoader": ["loader", "0"],
    "PyTorch, DataLoader, 2 workers": ["loader", "2"],
    "PyTorch, tensors in memory": ["tensors", "0", "fused"],
    "PyTorch, tensors in memory, bf16": ["tensors", "0", "fused", "bf16"],
}
JOBS = {"gradwise": "f32", "gradwise, bf16": "bf16", **SCRIPTS}


def ours(precision, options):
    """Seconds of the whole command, and of each epoch after the first."""
    with tempfile.TemporaryDirectory() as folder:
        command = [PROGRAM, "train", "examples/fashion-mnist.toml", "--out", f"{folder}/run"]
        settings = [f"train.epochs={options.epochs}", f'train.precision="{precision}"']
        settings += [f'data.source="{options.folder}"'] if options.folder else []
        for setting in settings:
            command += ["--set", setting]
        command += ["--threads", str(options.threads)]
        start = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        seconds = time.perf_counter() - start
        lines = pathlib.Path(folder, "run/events.jsonl").read_text().splitlines()
        events = [json.loads(line) for line in lines]
        epochs = [e["seconds"] for e in events if e["kind"] == "epoch"]
        return seconds, differences(epochs), events[-1]["test"]["accuracy"]


def theirs(words, options):
    """The same of a script."""
    command = [options.python, HERE / "peers/torch_epoch.py", options.folder, options.epochs,
               options.threads, *words]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    done = subprocess.run(
        [str(c) for c in command], capture_output=True, text=True, env=environment, check=True
    )
    answer = json.loads(done.stdout)
    return answer["seconds"], differences(answer["epochs"]), answer["test"]


def differences(ends):
    """The seconds of each epoch after the first."""
    return [later - earlier for earlier, later in zip(ends, ends[1:])]


def measure(options):
    """Results of each job, the jobs taking turns."""
    found = {name: [] for name in JOBS}
    for _ in range(options.rounds):
        for name, how in JOBS.items():
            run = theirs(how, options) if name in SCRIPTS else ours(how, options)
            found[name].append(run)
            print(f"{name}: {run[0]:.2f} s, accuracy {100 * run[2]:.1f} %", file=sys.stderr)
    return found


def report(found, options):
    """The table."""
    def middle(values):
        return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"

    whole = {name: statistics.median(run[0] for run in runs) for name, runs in found.items()}
    rows = [
        [
            name,
            middle([run[0] for run in runs]),
            middle([s for run in runs for s in run[1]]) if options.epochs > 1 else "–",
            f"{whole[name] / whole['gradwise']:.2f}",
            f"{whole[name] / whole['gradwise, bf16']:.2f}",
            f"{100 * statistics.median(run[2] for run in runs):.1f} %",
        ]
        for name, runs in found.items()
    ]
    epochs = f"{options.epochs} epoch{'s' * (options.epochs > 1)}"
    header = ["job", f"whole job of {epochs}, s", "a later epoch, s", "/ gradwise",
              "/ gradwise bf16", "test accuracy"]
    notes = "Fashion-MNIST, 784-512-512-10, batch 128, " f"{options.threads} threads. Seconds"
    return heading(options.python, f"{notes}: median (min–max) of {options.rounds} turns",
                   packages=("torch",)) + "\n\n" + markdown(header, rows)


def parse():
    """The command line."""
    parser = command.parser(__doc__)
    add = parser.add_argument
    add("--folder", type=pathlib.Path, help="the IDX files of Fashion-MNIST")
    add("--epochs", type=int, default=2)
    add("--rounds", type=int, default=3, help="turns of each job")
    add("--threads", type=int, default=os.cpu_count())
    add("--python", default=default_python(), help="an interpreter that has PyTorch")
    return parser.parse_args()


def place():
    """Where the program has Fashion-MNIST; it is downloaded if it must."""
    subprocess.run([PROGRAM, "data", "fashion-mnist"], check=True, stdout=subprocess.DEVNULL)
    listed = json.loads(subprocess.run(
        [PROGRAM, "data", "--json"], check=True, capture_output=True, text=True
    ).stdout)
    return pathlib.Path(next(d["place"] for d in listed if d["name"] == "fashion-mnist"))


def main():
    """Measures and prints."""
    options = parse()
    build = ["cargo", "build", "--release", "--quiet", "-p", "gradwise"]
    subprocess.run(build, cwd=ROOT, check=True)
    options.folder = options.folder.resolve() if options.folder else place()
    text = report(measure(options), options)
    command.publish(options, "epoch", text)


if __name__ == "__main__":
    main()
