"""The work of realnvp.py by flowjax, compiled by JAX for the CPU. A training step is one compiled function, so
its parts cannot be told from each other. Half of the features are kept by each coupling; the library
exchanges the halves of two features and permutes more of them.
"""

import equinox
import flowjax.distributions
import flowjax.flows
import jax
import jax.numpy as jnp
import optax
import paramax

from cases import LONG_ROUNDS, LONG_WARM_UP, POINTS
from timing import repeated


def build(case, key):
    base = flowjax.distributions.Normal(jnp.zeros(case.features))
    return flowjax.flows.coupling_flow(
        key, base_dist=base, flow_layers=case.couplings, nn_width=case.hidden, nn_depth=2
    )


def split(flow):
    """The parameters, and a function that puts them back."""
    frozen = lambda leaf: isinstance(leaf, paramax.NonTrainable)
    parameters, rest = equinox.partition(flow, equinox.is_inexact_array, is_leaf=frozen)
    return parameters, lambda parameters: paramax.unwrap(equinox.combine(parameters, rest))


def calls(flow, count):
    """Density of points, and so many samples: compiled, parameters as arguments, results waited for."""
    parameters, whole = split(flow)
    log_prob = jax.jit(lambda parameters, x: whole(parameters).log_prob(x))
    draw = jax.jit(lambda parameters, key: whole(parameters).sample(key, (count,)))
    keys = iter(jax.random.split(jax.random.key(1), 100_000))
    return (
        lambda x: log_prob(parameters, x).block_until_ready(),
        lambda: draw(parameters, next(keys)).block_until_ready(),
    )


def medians(case, data):
    flow = build(case, jax.random.key(0))
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
    times["log_prob"] = repeated(lambda: log_prob(points), LONG_WARM_UP, LONG_ROUNDS)
    times["sample"] = repeated(sample, LONG_WARM_UP, LONG_ROUNDS)
    return times
