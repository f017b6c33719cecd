#!/usr/bin/env python3
"""Trains on a table that does not fit into the memory it may take.

    bench/stream.py --folder FOLDER
    bench/stream.py --folder FOLDER --gigabytes 2 --memory "200 MB" --limit 600 --write

Writes a synthetic CSV table of 100 numbers and a class into FOLDER, and trains on it with
`data.memory`, the process held to --limit megabytes of address space. While an epoch is
read, the pages of the converted table are given back to the system again and again, so that
rows come from the disk and not from its cache (--cached leaves them there). Beside it, the
same disk is read from front to back, and the same training runs in memory, without limits:
where that is no faster, it is the network that takes the time. FOLDER needs room for the
table and about half of it again; both are removed at the end. (Linux)
"""

import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import threading
import time

import command
from machine import heading
from peers import ROOT
from tables import markdown

PROGRAM = ROOT / "target/release/gradwise"
COLUMNS = 100
#: Rows that the table repeats: parsing and training do not know.
ROWS = 100_000
MEGABYTE = 1e6
#: What no table here needs.
WHOLE = "1 TB"

RUN = """
[data]
source = "table.csv"
target = "class"
split = {{ train = 0.98, validation = 0.01, test = 0.01 }}
preprocess = ["standardize"]
memory = "{memory}"
cache = "cache"
[model]
{model}
[train]
epochs = {epochs}
batch = {batch}
lr = 0.01
checkpoint = 3600
"""
MODELS = {
    "logistic regression": ("depth = 0", 4096),
    "100-64-64-2": ("width = 64\ndepth = 2", 512),
}


def write_table(path, gigabytes):
    """Rows of numbers whose class follows from the first two, mostly."""
    import numpy

    random = numpy.random.default_rng(0)
    x = random.normal(size=(ROWS, COLUMNS)).round(4)
    label = x[:, 0] * x[:, 1] + 0.3 * random.normal(size=ROWS) > 0
    end = {True: ",yes\n", False: ",no\n"}
    lines = [",".join(map(str, row)) + end[y] for row, y in zip(x.tolist(), label.tolist())]
    block = "".join(lines).encode()
    with open(path, "wb") as file:
        file.write(",".join(f"x{i}" for i in range(COLUMNS)).encode() + b",class\n")
        while file.tell() < gigabytes * 1e9:
            file.write(block)


def forget(path):
    """Gives the cached pages of a file back to the system."""
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class Forgetting(threading.Thread):
    """Gives the pages of the converted table back, over and over."""

    def __init__(self, cache):
        super().__init__(daemon=True)
        self.cache, self.ended = cache, threading.Event()

    def run(self):
        while not self.ended.wait(0.05):
            for path in self.cache.glob("*/*.f32"):
                if not path.parent.name.startswith("."):
                    forget(path)


def train(folder, model, options, memory=None):
    """Trains; the events, the peak of memory in bytes and the seconds of the whole. With
    an amount of memory of its own the process has no limit."""
    settings, batch = MODELS[model]
    chosen = memory or options.memory
    text = RUN.format(memory=chosen, model=settings, epochs=options.epochs, batch=batch)
    (folder / "run.toml").write_text(text)
    shutil.rmtree(folder / "run", ignore_errors=True)
    limit = resource.RLIM_INFINITY if memory else options.limit * 10**6
    words = [PROGRAM, "train", folder / "run.toml", "--out", folder / "run", "--no-pictures"]
    forgetting = Forgetting(folder / "cache")
    if not options.cached:
        forgetting.start()
    start = time.perf_counter()
    running = subprocess.Popen(
        words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    peak = 0
    while running.poll() is None:
        peak = max(peak, high_water(running.pid))
        time.sleep(0.05)
    seconds = time.perf_counter() - start
    forgetting.ended.set()
    if running.returncode:
        sys.exit(running.stderr.read())
    lines = (folder / "run/events.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines], peak, seconds


def high_water(process):
    """The most memory that a process held so far, in bytes."""
    try:
        status = pathlib.Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


def disk(path):
    """Bytes a second of reading a file from front to back, past the cache."""
    forget(path)
    start = time.perf_counter()
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
    return path.stat().st_size / (time.perf_counter() - start)


def converted(folder):
    """The file of features."""
    return max(folder.glob("cache/*/features.f32"), key=lambda path: path.stat().st_mtime)


def measure(folder, options):
    """The table's rows, one for each network, and what the conversion took in words."""
    rows, words = [], ""
    for model in MODELS:
        forget(folder / "table.csv")
        events, peak, seconds = train(folder, model, options)
        last = events[-1]["seconds"]
        words = words or conversion(folder, events[0]["rows"], seconds - last)
        whole, *_ = train(folder, model, options, WHOLE)
        rows.append([model, *figures(converted(folder), events, peak, whole)])
        print(rows[-1], file=sys.stderr)
    return words, rows


def conversion(folder, rows, seconds):
    """What happened before the first step."""
    text, cells = (folder / "table.csv").stat().st_size, converted(folder).stat().st_size
    return (
        f"{text / 1e9:.2f} GB of CSV with {rows:,} training rows were converted to "
        f"{cells / 1e9:.2f} GB, and means and deviations taken, in {seconds:.0f} s: "
        f"{text / seconds / MEGABYTE:.0f} MB/s of text."
    )


def fastest(events):
    """Seconds of the fastest epoch."""
    ends = [event["seconds"] for event in events if event["kind"] == "epoch"]
    return min(later - earlier for earlier, later in zip([0, *ends], ends))


def figures(features, events, peak, whole):
    """A network's cells of the table; `whole` are the events in memory."""
    epoch, rows = fastest(events), events[0]["rows"] / 1e6
    rate, bare = features.stat().st_size / epoch, disk(features)
    return [
        f"{epoch:.1f}",
        f"{rows / epoch:.2f}",
        f"{rows / fastest(whole):.2f}",
        f"{rate / MEGABYTE:,.0f}",
        f"{bare / MEGABYTE:,.0f}",
        f"{100 * rate / bare:.0f} %",
        f"{peak / MEGABYTE:.0f}",
        f"{100 * events[-1]['test']['accuracy']:.1f} %",
    ]


def report(words, rows, options):
    """The text for RESULTS.md."""
    how = "from its cache" if options.cached else "past its cache"
    title = (
        f'A table larger than memory: `data.memory = "{options.memory}"`, {options.limit} MB of '
        f"address space, rows read {how}"
    )
    header = ["network", "epoch, s", "million rows/s", "the same in memory", "MB/s read",
              "MB/s of the disk alone", "share", "peak memory, MB", "test accuracy"]
    parts = [heading(sys.executable, title, packages=()), words, markdown(header, rows)]
    return "\n\n".join(parts)


def parse():
    """The command line."""
    parser = command.parser(__doc__)
    add = parser.add_argument
    add("--folder", type=pathlib.Path, required=True, help="where there is room")
    add("--gigabytes", type=float, default=3.0, help="of CSV")
    add("--memory", default="200 MB", help="data.memory")
    add("--limit", type=int, default=800, help="megabytes of address space of the process")
    add("--epochs", type=int, default=2)
    add("--cached", action="store_true", help="leave rows in the system's cache")
    add("--keep", action="store_true", help="leave the table there for the next time")
    return parser.parse_args()


def main():
    """Measures and prints."""
    options = parse()
    build = ["cargo", "build", "--release", "--quiet", "-p", "gradwise"]
    subprocess.run(build, cwd=ROOT, check=True)
    folder = options.folder.resolve() / "gradwise-stream"
    folder.mkdir(exist_ok=True)
    try:
        if not (folder / "table.csv").exists():
            write_table(folder / "table.csv", options.gigabytes)
        words, rows = measure(folder, options)
    finally:
        if not options.keep:
            shutil.rmtree(folder)
    command.publish(options, "stream", report(words, rows, options))


if __name__ == "__main__":
    main()
