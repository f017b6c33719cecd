"""JAX's training step, compiled as a whole. usage: jax_steps.py"""

import itertools
import os
import re

from serve import serve


def build(spec):
    """What makes a step of a described network."""
    threads = spec["threads"]
    os.environ.setdefault(
        "XLA_FLAGS",
        f"--xla_cpu_multi_thread_eigen={'true' if threads > 1 else 'false'} "
        f"intra_op_parallelism_threads={threads}",
    )
    import jax
    import jax.numpy as jnp

    pieces = int(spec["activation"][7:-1]) if spec["activation"].startswith("maxout") else 1
    keys = iter(jax.random.split(jax.random.key(0), 100))

    def layer(inputs, units):
        scale = inputs**-0.5
        return {
            "w": jax.random.normal(next(keys), (inputs, units)) * scale,
            "b": jnp.zeros(units),
            **({"slope": jnp.array(0.25)} if spec["activation"] == "prelu" else {}),
        }

    def activate(z, layer):
        kind = spec["activation"]
        if kind == "tanh":
            return jnp.tanh(z)
        if kind == "relu":
            return jnp.maximum(z, 0)
        if kind == "prelu":
            return jnp.where(z > 0, z, layer["slope"] * z)
        if slope := re.fullmatch(r"leaky-relu\((.*)\)", kind):
            return jnp.where(z > 0, z, float(slope[1]) * z)
        return z.reshape(z.shape[0], pieces, -1).max(1)

    widths = spec["widths"]
    hidden = [layer(a, b * pieces) for a, b in zip(widths, widths[1:-1])]
    parameters = [*hidden, layer(widths[-2], widths[-1])]

    def scores(parameters, x):
        for each in parameters[:-1]:
            x = activate(x @ each["w"] + each["b"], each)
        return x @ parameters[-1]["w"] + parameters[-1]["b"]

    def loss(parameters, x, y):
        logs = jax.nn.log_softmax(scores(parameters, x))
        return -jnp.take_along_axis(logs, y[:, None], 1).mean()

    update = adam if spec["optimizer"] == "adam" else momentum
    compiled = jax.jit(
        lambda state, x, y: update(state, jax.grad(loss)(state[0], x, y)), donate_argnums=0
    )
    zeros = lambda: jax.tree.map(jnp.zeros_like, parameters)
    state = (parameters, zeros(), zeros(), jnp.array(0.0))
    shape = (spec["batch"], widths[0])
    batches = itertools.cycle([
        (jax.random.normal(next(keys), shape),
         jax.random.randint(next(keys), shape[:1], 0, widths[-1]))
        for _ in range(4)
    ])

    def step():
        nonlocal state
        state = jax.block_until_ready(compiled(state, *next(batches)))

    if spec["forward"]:
        forward = jax.jit(scores)
        return lambda: jax.block_until_ready(forward(parameters, next(batches)[0]))
    return step


def momentum(state, gradients):
    """PyTorch's SGD with momentum 0.9."""
    import jax

    parameters, velocity, second, count = state
    velocity = jax.tree.map(lambda v, g: 0.9 * v + g, velocity, gradients)
    parameters = jax.tree.map(lambda p, v: p - 1e-3 * v, parameters, velocity)
    return parameters, velocity, second, count


def adam(state, gradients):
    """PyTorch's Adam."""
    import jax

    parameters, first, second, count = state
    count = count + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
    rate, root = 1e-4 / (1 - 0.9**count), (1 - 0.999**count) ** 0.5
    parameters = jax.tree.map(
        lambda p, m, v: p - rate * m / (v**0.5 / root + 1e-8), parameters, first, second
    )
    return parameters, first, second, count


if __name__ == "__main__":
    serve(build)
