"""What was measured, where, when and with what; and the machine's measured peaks."""

import collections
import datetime
import json
import os
import platform
import re
import subprocess

from peers import ROOT


def heading(python, *notes, packages=("torch", "jax")):
    """One paragraph to stand above a table."""
    cpu = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line),
        platform.processor(),
    )
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True
    ).stdout.split()
    versions = [v.replace("==", " ") for v in listed if v.split("==")[0] in packages]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    where = f"{datetime.date.today()}, {cpu}, {os.cpu_count()} processors"
    return ". ".join([f"{where}; {', '.join([f'gradwise {commit}', *versions])}", *notes]) + "."


def _executable(*target):
    """Builds a benchmark or an example of our kernels; where it is."""
    command = ["cargo", *target, "-p", "gradwise-cpu", "--message-format=json"]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    built = [json.loads(line) for line in lines.splitlines()]
    return next(b["executable"] for b in built if b.get("executable"))


def _at_once(command, count):
    """The output of so many processes that run at the same time."""
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)
    ]
    return [process.communicate()[0] for process in running]


class Peaks:
    """What the processor's multipliers do in registers, by own loops: GFLOP/s."""

    def __init__(self):
        self.f32 = _executable("bench", "--bench", "kernels", "--no-run")
        self.bf16 = _executable("build", "--release", "--example", "bf16")

    def measure(self, threads):
        """Peaks of so many threads by name: `avx2`, `avx512`, `amx`, those that the
        processor has, and the best of each precision."""
        f32 = _at_once([self.f32, "--bench", "avx2", "avx512", "products"], threads)
        bf16 = _at_once([self.bf16, "64", "64", "64"], threads)
        each = _sum(map(_f32, f32)) | _sum(map(_bf16, bf16))
        best = {
            "f32": max((each[isa] for isa in ("avx2", "avx512") if isa in each), default=0),
            "bf16": max((each[unit] for unit in each if unit not in ("avx2", "avx512")), default=0),
        }
        return each | {precision: peak for precision, peak in best.items() if peak}


def _sum(parts):
    """Key by key."""
    total = collections.Counter()
    for part in parts:
        total.update(part)
    return dict(total)


def _f32(text):
    """The highest peak of each instruction set: it is measured anew for each product,
    and stands in the table as that product's rate and share."""
    peaks = {}
    for line in text.splitlines():
        if isa := re.match(r"(\w+): peak ([\d.]+)", line):
            peaks[name := isa[1]] = float(isa[2])
        elif (row := re.search(r"([\d.]+) +([\d.]+)%$", line)) and float(row[2]) > 10:
            peaks[name] = max(peaks[name], 100 * float(row[1]) / float(row[2]))
    return peaks


def _bf16(text):
    """Each unit's peak."""
    found = re.findall(r"(\w+): peak ([\d.]+) GFLOP/s", text)
    return {unit.lower(): float(peak) for unit, peak in found}
