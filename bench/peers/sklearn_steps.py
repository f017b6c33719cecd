"""scikit-learn's MLPClassifier: one partial_fit of a batch is one step.

It has tanh and relu, SGD with momentum and Adam. usage: sklearn_steps.py
"""

import itertools

import numpy
from serve import serve
from sklearn.neural_network import MLPClassifier


def build(spec):
    """What makes a step of a described network."""
    if spec["activation"] not in ("tanh", "relu"):
        raise ValueError(f"MLPClassifier has no {spec['activation']}")
    random = numpy.random.default_rng(0)
    model = MLPClassifier(
        spec["widths"][1:-1],
        activation=spec["activation"],
        solver=spec["optimizer"],
        momentum=0.9,
        nesterovs_momentum=False,
        learning_rate_init=1e-4 if spec["optimizer"] == "adam" else 1e-3,
        alpha=0.0,
        batch_size=spec["batch"],
        random_state=0,
    )
    classes = numpy.arange(spec["widths"][-1])
    shape = (spec["batch"], spec["widths"][0])
    batches = itertools.cycle([
        (random.standard_normal(shape, dtype="f"), random.choice(classes, shape[0]))
        for _ in range(4)
    ])
    if spec["forward"]:
        model.partial_fit(*next(batches), classes=classes)
        return lambda: model.predict_proba(next(batches)[0])
    return lambda: model.partial_fit(*next(batches), classes=classes)


if __name__ == "__main__":
    serve(build)
