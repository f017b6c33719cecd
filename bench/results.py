"""Writes a table into RESULTS.md, between its marks, and leaves the rest alone."""

import pathlib

PATH = pathlib.Path(__file__).resolve().parent / "RESULTS.md"


def write(name, text):
    """Puts `text` between the marks of the part `name`."""
    first, last = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    old = PATH.read_text() if PATH.exists() else "# Results\n"
    if first not in old:
        old += f"\n{first}{last}"
    before, rest = old.split(first, 1)
    after = rest.split(last, 1)[1]
    PATH.write_text(f"{before}{first}{text}\n{last}{after}")
