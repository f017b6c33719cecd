"""The conversation between the driver and a peer, for peers in Python.

The driver writes one line of JSON at a time to the peer's stdin and reads one line of
its stdout. A network's description makes the peer build it, make a first step and
answer "ready", or {"error": why} if that does not work here; a number makes it run
that many steps and answer their times in microseconds. Anything else that a peer
prints goes to stderr.
"""

import json
import os
import sys
import time


def serve(build):
    """Answers until stdin ends. `build(spec)` gives a function that makes one step."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    step = None
    for line in sys.stdin:
        request = json.loads(line)
        if isinstance(request, dict):
            step, answer = first(build, request)
        else:
            answer = [timed(step) for _ in range(request)]
        print(json.dumps(answer), file=answers, flush=True)


def first(build, spec):
    """A step that works, and the answer."""
    try:
        step = build(spec)
        step()
        return step, "ready"
    except Exception as error:  # whatever it is, the driver is to know
        lines = str(error).strip().splitlines() or [""]
        return None, {"error": f"{type(error).__name__}: {lines[0]}"}


def timed(step):
    """The time of one step, in microseconds."""
    start = time.perf_counter_ns()
    step()
    return (time.perf_counter_ns() - start) / 1e3
