"""What the scripts' command lines have in common."""

import argparse
import os
import pathlib

from results import write


def parser(description, writes=True):
    """A parser that shows the script's own words as they stand."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if writes:
        made.add_argument("--write", action="store_true", help="write bench/RESULTS.md")
    return made


def add_data(made):
    """The folder with data, which `$GRADWISE_DATA` names too."""
    made.add_argument(
        "--data",
        type=lambda text: pathlib.Path(text).resolve(),
        default=os.environ.get("GRADWISE_DATA"),
        metavar="FOLDER",
    )


def publish(options, part, text):
    """Prints a table, and puts it into RESULTS.md if it was asked for."""
    print(text)
    if options.write:
        write(part, text)
