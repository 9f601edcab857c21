"""What is timed of a flow of flowjax, compiled by JAX for the CPU. A training step is one compiled function, so
its parts cannot be told from each other.
"""

import equinox
import jax
import jax.numpy as jnp
import optax
import paramax

from cases import LONG_ROUNDS, LONG_WARM_UP, PATIENCE, POINT_ROUNDS, POINT_WARM_UP, POINTS
from timing import repeated


def split(flow):
    """The parameters, and a function that puts them back."""
    frozen = lambda leaf: isinstance(leaf, paramax.NonTrainable)
    parameters, rest = equinox.partition(flow, equinox.is_inexact_array, is_leaf=frozen)
    return parameters, lambda parameters: paramax.unwrap(equinox.combine(parameters, rest))


def calls(flow, count):
    """Density of points, and as many samples: compiled, parameters as arguments, results waited for."""
    parameters, whole = split(flow)
    log_prob = jax.jit(lambda parameters, x: whole(parameters).log_prob(x))
    draw = jax.jit(lambda parameters, key: whole(parameters).sample(key, (count,)))
    keys = iter(jax.random.split(jax.random.key(1), 100_000))
    return (
        lambda x: log_prob(parameters, x).block_until_ready(),
        lambda: draw(parameters, next(keys)).block_until_ready(),
    )


def one_point(flow, point):
    """The density of a point, `[1, features]`, and one sample."""
    log_prob, sample = calls(flow, 1)
    return {
        "log_prob": repeated(lambda: log_prob(point), POINT_WARM_UP, POINT_ROUNDS, PATIENCE),
        "sample": repeated(sample, POINT_WARM_UP, POINT_ROUNDS, PATIENCE),
    }


def medians(flow, case, data):
    """Training step, density of 10,000 points and 10,000 samples; `data` makes a given number of points."""
    batch, points = jnp.asarray(data(case.batch)), jnp.asarray(data(POINTS))
    parameters, whole = split(flow)
    adam = optax.adam(1e-3)

    @jax.jit
    def step(parameters, state, batch):
        loss = lambda parameters: -whole(parameters).log_prob(batch).mean()
        value, gradients = jax.value_and_grad(loss)(parameters)
        updates, state = adam.update(gradients, state)
        return optax.apply_updates(parameters, updates), state, value

    now = [parameters, adam.init(parameters)]

    def one_step():
        *now[:], value = step(*now, batch)
        jax.block_until_ready((now, value))

    times = {"step": repeated(one_step, case.warm_up, case.rounds)}
    log_prob, sample = calls(whole(now[0]), POINTS)
    times["log_prob"] = repeated(lambda: log_prob(points), LONG_WARM_UP, LONG_ROUNDS, PATIENCE)
    times["sample"] = repeated(sample, LONG_WARM_UP, LONG_ROUNDS, PATIENCE)
    return times
