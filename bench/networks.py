"""The networks that are timed. To add one, add a row; every peer builds it from that.

A network is dense layers of the widths given, each but the last followed by the
activation, a softmax loss on the last, and one optimizer step: what all peers can do.
"""

from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True)
class Network:
    """One network and how it is trained."""

    name: str
    widths: tuple[int, ...]  # inputs, hidden units of each layer, classes
    batch: int  # rows a step
    activation: str = "tanh"
    optimizer: str = "sgd"  # with momentum 0.9; or adam

    def spec(self, threads: int) -> dict:
        """What a peer is told, beside its own mode."""
        return {**asdict(self), "threads": threads}


FIVE = [
    Network("logreg", (784, 10), batch=64),
    Network("mlp", (784, 128, 10), batch=32),
    Network("deep", (784, *[500] * 10, 10), batch=128),
    Network("cifar", (3072, 1024, 1024, 10), batch=256),
    Network("wide", (784, *[2048] * 8, 10), batch=256),
]

MORE = [
    Network("thin20", (784, *[100] * 20, 10), batch=32),
    replace(FIVE[2], name="deep-leaky", activation="leaky-relu(0.01)"),
    replace(FIVE[2], name="deep-prelu", activation="prelu"),
    replace(FIVE[2], name="deep-adam", optimizer="adam"),
    Network("maxout", (784, 2048, 2048, 10), batch=128, activation="maxout(2)"),
    Network("rows1", (784, 512, 512, 10), batch=1, activation="relu"),
    Network("rows8192", (784, 512, 512, 10), batch=8192, activation="relu"),
]

NETWORKS = {network.name: network for network in FIVE + MORE}
