"""The programs that are compared, each a process that builds a network and runs steps.

To add one, add a mode to `modes`: a command that speaks the protocol of
`peers/serve.py`, one line of JSON each way, and the precision of its products.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
OURS = {"f32": "gradwise", "bf16": "gradwise-bf16"}


@dataclass(frozen=True)
class Mode:
    """A program and one way to run it."""

    command: list
    precision: str = "f32"  # of its products
    environment: dict = field(default_factory=dict)


def modes(python):
    """All of them by name."""
    ours = str(ROOT / "target/release/gradwise-steps")
    # Without huge pages PyTorch is a little slower: it is shown at its best.
    pages = {"THP_MEM_ALLOC_ENABLE": "1"}

    def torch(*words, precision="f32"):
        return Mode([python, str(HERE / "peers/torch_steps.py"), *words], precision, pages)

    return {
        "gradwise": Mode([ours, "f32"]),
        "gradwise-bf16": Mode([ours, "bf16"], "bf16"),
        "torch": torch(),
        "torch-fused": torch("fused"),
        "torch-compile": torch("fused", "compile"),
        "torch-bf16": torch("fused", "bf16", precision="bf16"),
        "torch-bf16-compile": torch("fused", "bf16", "compile", precision="bf16"),
        "jax": Mode([python, str(HERE / "peers/jax_steps.py")]),
        "scikit-learn": Mode([python, str(HERE / "peers/sklearn_steps.py")]),
        "candle": Mode([str(HERE / "peers/candle/target/release/candle-steps")]),
        "burn": Mode([str(HERE / "peers/burn/target/release/burn-steps")]),
    }


def chosen_modes(options):
    """The modes that `--peers` names, with the interpreter of `--python`."""
    return {name: m for name, m in modes(options.python).items() if name in options.peers}


class CannotRun(Exception):
    """A peer does not run here, and why."""


class Peer:
    """A running peer with a network built."""

    def __init__(self, name, mode, spec, verbose=False, environment=None):
        self.name, self.times = name, []
        threads = {v: str(spec["threads"]) for v in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS")}
        if not pathlib.Path(mode.command[0]).exists():
            raise CannotRun("it is not built: bench/setup.sh builds it")
        self.process = subprocess.Popen(
            mode.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=None if verbose else subprocess.PIPE,
            env={**os.environ, **threads, **mode.environment, **(environment or {})},
        )
        self.ask(spec)

    def ask(self, request):
        """The answer to one request."""
        try:
            print(json.dumps(request), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass
        line = self.process.stdout.readline()
        if not line:
            said = self.process.stderr.read().strip() if self.process.stderr else ""
            raise CannotRun(said.splitlines()[-1] if said else "ended without an answer")
        answer = json.loads(line)
        if isinstance(answer, dict) and "error" in answer:
            raise CannotRun(answer["error"])
        return answer

    def warm_up(self, seconds):
        """Runs until it is warm, and finds how many steps fill a turn of half that time."""
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

    def run_for(self, seconds):
        """The times of the steps made in that time, asked for in small turns: for what may
        suddenly be much slower."""
        times, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            rest = max(end - time.monotonic(), 0.0)
            last = statistics.median(times[-9:]) / 1e6 if times else rest
            times += self.ask(max(1, min(int(rest / last / 4), 2 * len(times) + 1)))
        return times

    def peak_memory(self):
        """The most memory that the process ever held, in bytes (Linux)."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return 1024 * int(line.split()[1])

    def end(self):
        """Lets the process go."""
        self.process.stdin.close()
        self.process.wait()


def start(chosen, spec, verbose=False, environment=None):
    """The peers that run, and why the others do not, by name."""
    running, failed = [], {}
    for name, mode in chosen.items():
        try:
            running.append(Peer(name, mode, spec, verbose, environment))
        except CannotRun as why:
            failed[name] = str(why)
            print(f"{name} does not run here: {why}", file=sys.stderr)
    return running, failed


def alternate(running, rounds, seconds, between=0.25):
    """Times all of them in turns; `between` because the one before may still spin."""
    for peer in running:
        peer.warm_up(seconds)
    for _ in range(rounds):
        for peer in running:
            time.sleep(between)
            peer.run()


def build_ours():
    """Compiles our side."""
    build = ["cargo", "build", "--release", "--quiet", "-p", "gradwise-steps"]
    subprocess.run(build, cwd=ROOT, check=True)


def default_python():
    """The interpreter that `setup.sh` makes, or this one."""
    made = ROOT / ".venv/bin/python"
    return str(made) if made.exists() else sys.executable
