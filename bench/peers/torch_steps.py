"""PyTorch's training step, in the modes that its users have on a CPU.

usage: torch_steps.py [fused] [compile] [bf16]
"""

import itertools
import sys

import torch
from serve import serve
from torch import nn


class Maxout(nn.Module):
    """The larger of `pieces` values for each unit."""

    def __init__(self, inputs, units, pieces):
        super().__init__()
        self.linear = nn.Linear(inputs, units * pieces)
        self.pieces = pieces

    def forward(self, x):
        return self.linear(x).unflatten(1, (self.pieces, -1)).amax(1)


def layer(activation, inputs, units):
    """A hidden layer: a list of modules."""
    if activation.startswith("maxout"):
        return [Maxout(inputs, units, int(activation[7:-1]))]
    kinds = {
        "tanh": nn.Tanh,
        "relu": nn.ReLU,
        "leaky-relu(0.01)": nn.LeakyReLU,
        "prelu": nn.PReLU,
    }
    return [nn.Linear(inputs, units), kinds[activation]()]


def model_of(spec):
    """The network of a description."""
    *hidden, classes = spec["widths"][1:]
    modules, inputs = [], spec["widths"][0]
    for units in hidden:
        modules += layer(spec["activation"], inputs, units)
        inputs = units
    return nn.Sequential(*modules, nn.Linear(inputs, classes))


def optimizer_of(spec, parameters, fused):
    """Plain SGD with momentum, or Adam."""
    if spec["optimizer"] == "adam":
        return torch.optim.Adam(parameters, lr=1e-4, fused=fused)
    return torch.optim.SGD(parameters, lr=1e-3, momentum=0.9, fused=fused)


def build(modes):
    """What makes a step of a described network in these modes."""

    def from_spec(spec):
        torch.set_num_threads(spec["threads"])
        torch.manual_seed(0)
        model = model_of(spec)
        # `None` leaves the choice to PyTorch, as its users do.
        optimizer = optimizer_of(spec, model.parameters(), True if "fused" in modes else None)
        loss_of = nn.CrossEntropyLoss()
        forward = torch.compile(model) if "compile" in modes else model
        batches = itertools.cycle([
            (torch.randn(spec["batch"], spec["widths"][0]),
             torch.randint(spec["widths"][-1], (spec["batch"],)))
            for _ in range(4)
        ])

        def step():
            x, y = next(batches)
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", torch.bfloat16, enabled="bf16" in modes):
                loss = loss_of(forward(x), y)
            loss.backward()
            optimizer.step()

        def scores():
            x, _ = next(batches)
            with torch.autocast("cpu", torch.bfloat16, enabled="bf16" in modes):
                forward(x)

        if spec["forward"]:
            model.eval()
            return torch.inference_mode()(scores)
        return step

    return from_spec


if __name__ == "__main__":
    serve(build(sys.argv[1:]))
