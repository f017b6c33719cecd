"""Bars and lines as SVG, with nothing but text: the plots of the benchmarks."""

import math
from html import escape

COLOURS = ["#0b6e99", "#d1495b", "#8a8a8a", "#edae49", "#30638e", "#00798c", "#9b5de5", "#5a5a5a"]
STYLE = (
    "text{font:12px sans-serif;fill:#222}.t{font-size:14px;font-weight:bold}"
    ".g{stroke:#ddd}.m{stroke:#222;stroke-width:3}.a{stroke:#222}"
)


def _svg(width, height, parts):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
    paper = f'<style>{STYLE}</style><rect width="{width}" height="{height}" fill="#fff"/>'
    return "\n".join([head, paper, *parts, "</svg>", ""])


def _text(x, y, text, anchor="start", kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(text)}</text>'


def _line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def bars(title, groups, goals):
    """Horizontal bars of ratios. `groups`: label → series → ratio; `goals`: series →
    label → the ratio to reach, drawn as a tick."""
    names = list(dict.fromkeys(name for ratios in groups.values() for name in ratios))
    top, left, wide, bar = 64, 120, 560, 16
    largest = max(ratio for ratios in groups.values() for ratio in ratios.values())
    scale = wide / max(largest, 1.0)
    height = top + len(groups) * (bar * len(names) + 12) + 24
    parts = [_text(16, 24, title, kind="t")]
    for index, name in enumerate(names):
        x = left + 220 * index
        parts.append(f'<rect x="{x}" y="36" width="12" height="12" fill="{COLOURS[index]}"/>')
        parts.append(_text(x + 18, 46, name))
    y = top
    for label, ratios in groups.items():
        parts.append(_text(left - 8, y + bar * len(names) / 2 + 4, label, "end"))
        for index, name in enumerate(names):
            if name in ratios:
                parts += _bar(left, y, ratios[name], scale, bar, COLOURS[index])
            if goal := goals.get(name, {}).get(label):
                x = left + goal * scale
                parts.append(_line(x, y - 2, x, y + bar - 1, "m"))
            y += bar
        y += 12
    one = left + scale
    parts.append(_line(one, top - 6, one, y, "a"))
    parts.append(_text(one, y + 14, "1: as fast as the best peer", "middle"))
    return _svg(left + wide + 70, height, parts)


def _bar(x, y, ratio, scale, bar, colour):
    width = ratio * scale
    shape = f'<rect x="{x}" y="{y}" width="{width:.1f}" height="{bar - 3}" fill="{colour}"/>'
    return [shape, _text(x + width + 6, y + bar - 5, f"{ratio:.2f}")]


def lines(panels):
    """Panels of lines on logarithmic axes. `panels`: title → series → [(x, y)]."""
    wide, high, columns = 360, 280, 2
    rows = math.ceil(len(panels) / columns)
    parts, names = [], []
    for index, (title, series) in enumerate(panels.items()):
        at = (wide * (index % columns), high * (index // columns))
        parts += _panel(at, wide, high, title, series)
        names += [name for name in series if name not in names]
    for index, name in enumerate(names):
        x, y = 40 + 170 * index, high * rows + 16
        parts.append(f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{COLOURS[index]}"/>')
        parts.append(_text(x + 18, y, name))
    return _svg(wide * columns, high * rows + 32, parts)


def _panel(at, wide, high, title, series):
    """One panel: a grid at powers of ten, and each series."""
    points = [point for each in series.values() for point in each]
    if not points:
        return []
    xs, ys = ([math.log10(value) for value in values] for values in zip(*points))
    low_x, high_x = min(xs), max(max(xs), min(xs) + 0.1)
    low_y, high_y = math.floor(min(ys)), max(math.ceil(max(ys)), math.floor(min(ys)) + 1)
    x0, y0, width, height = at[0] + 56, at[1] + 36, wide - 76, high - 76

    def place(x, y):
        across = (math.log10(x) - low_x) / (high_x - low_x)
        up = (math.log10(y) - low_y) / (high_y - low_y)
        return x0 + across * width, y0 + height - up * height

    unit = "" if " " in title else ", µs a step"
    parts = [_text(x0, at[1] + 22, title + unit, kind="t")]
    for power in range(low_y, high_y + 1):
        _, y = place(10**low_x, 10.0**power)
        parts += [_line(x0, y, x0 + width, y, "g"), _text(x0 - 6, y + 4, f"{10.0**power:g}", "end")]
    for value in dict.fromkeys(x for x, _ in points):
        x, _ = place(value, 10.0**low_y)
        parts.append(_text(x, y0 + height + 18, f"{value:g}" if value < 1e4 else f"{value // 1024}k", "middle"))
    for index, each in enumerate(series.values()):
        path = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in each)
        colour = COLOURS[index]
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for point in each:
            x, y = place(*point)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
    return parts
