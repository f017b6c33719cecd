"""The networks that are timed, from the table that the program has too."""

import pathlib
import tomllib
from dataclasses import asdict, dataclass

TABLE = pathlib.Path(__file__).resolve().parent.parent / "crates/bench/networks.toml"


@dataclass(frozen=True)
class Network:
    """One network and how it is trained; see the table for what the fields mean."""

    name: str
    widths: tuple[int, ...]
    batch: int
    activation: str = "tanh"
    optimizer: str = "sgd"

    @property
    def pieces(self):
        """Weighted sums for each hidden unit."""
        return int(self.activation[7:-1]) if self.activation.startswith("maxout") else 1

    @property
    def layers(self):
        """Inputs and weighted sums of each layer."""
        *hidden, classes = self.widths[1:]
        return list(zip(self.widths, [units * self.pieces for units in hidden] + [classes]))

    @property
    def parameters(self):
        """Weights, biases and learnt slopes."""
        slopes = len(self.widths) - 2 if self.activation == "prelu" else 0
        return sum((inputs + 1) * sums for inputs, sums in self.layers) + slopes

    def spec(self, threads, forward=False):
        """What a peer is told, beside its own mode."""
        return {**asdict(self), "threads": threads, "forward": forward}

    def operations(self, forward=False):
        """Multiplications and additions of a step's products: forward, gradients of the
        weights, and of each layer's input but the network's."""
        once = [2 * self.batch * inputs * sums for inputs, sums in self.layers]
        return sum(once) if forward else 3 * sum(once) - once[0]


def widths(text):
    """`784-500*10-10` as numbers."""
    parts = [part.partition("*") for part in text.split("-")]
    return tuple(int(width) for width, _, times in parts for _ in range(int(times or 1)))


NETWORKS = {
    row["name"]: Network(**{**row, "widths": widths(row["widths"])})
    for row in tomllib.loads(TABLE.read_text())["network"]
}
FIVE = list(NETWORKS)[:5]  # these have a mean of their own
