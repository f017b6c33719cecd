"""Tables of step times: each peer's, and the ratios of the best peer to gradwise.

A record is one network on so many threads: `label`, `network`, `threads`, `operations`
of a step, `peaks`, `failed` and `times`, which has median, min and max of each peer.
"""

import statistics

from peers import OURS


def spread(times):
    """Median and ends of step times, in microseconds."""
    return {
        "median": statistics.median(times), "min": min(times), "max": max(times),
        "steps": len(times),
    }


def best(record, precisions, allowed):
    """The fastest peer whose products have one of these precisions: name and median."""
    others = [
        (each["median"], name) for name, each in record["times"].items()
        if name not in OURS.values() and precisions[name] in allowed
    ]
    return min(others) if others else None


def ratio(record, precision, precisions):
    """The best peer's time over ours, and that peer. f32 stands against all f32, bf16
    against everything."""
    ours = record["times"].get(OURS[precision])
    peer = best(record, precisions, {"f32"} if precision == "f32" else {"f32", "bf16"})
    if ours is None or peer is None:
        return None
    return peer[0] / ours["median"], peer[1]


def share(record, precision):
    """How much of the machine's measured peak the step's products use."""
    ours, peak = record["times"].get(OURS[precision]), record["peaks"].get(precision)
    if ours is None or not peak:
        return None
    return record["operations"] / ours["median"] / 1e3 / peak


def markdown(header, rows):
    """A table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def cell(times):
    """Median (min–max)."""
    if times is None:
        return "–"
    digits = 1 if times["median"] < 100 else 0
    middle, low, high = (f"{times[k]:,.{digits}f}" for k in ("median", "min", "max"))
    return f"{middle} ({low}–{high})"


def of_times(records, names):
    """Every peer's times."""
    row = lambda r: [r["label"], *(cell(r["times"].get(name)) for name in names)]
    text = markdown(["network", *names], [row(r) for r in records])
    failed = {why: name for r in records for name, why in r["failed"].items()}
    return "\n\n".join([text, *(f"{n}, –: {why.rstrip('.')}." for why, n in failed.items())])


def of_ratios(records, precisions, five):
    """Ratios and shares, and their geometric means below."""
    rows, found = [], {p: {} for p in OURS}
    for record in records:
        cells = [record["label"]]
        for precision in OURS:
            part, versus = share(record, precision), ratio(record, precision, precisions)
            if versus:
                found[precision][record["label"]] = (record["network"], versus[0])
            cells.append(f"{versus[0]:.2f} ({versus[1]})" if versus else "–")
            cells.append(f"{100 * part:.0f} %" if part else "–")
        rows.append(cells)
    header = ["network", "f32: best peer / gradwise", "of the f32 peak",
              "bf16: best peer / gradwise", "of the bf16 peak"]
    return markdown(header, rows + means(found, five))


def means(found, five):
    """Rows of geometric means: of the five if all are there, and of all."""
    rows = []
    for title, wanted in [("the first five", set(five)), ("all", None)]:
        cells = [f"geometric mean, {title}"]
        for ratios in found.values():
            chosen = [r for network, r in ratios.values() if wanted is None or network in wanted]
            enough = len(chosen) >= (len(wanted) if wanted else 1)
            cells += [f"**{statistics.geometric_mean(chosen):.2f}**" if enough else "–", ""]
        rows.append(cells)
    return rows
