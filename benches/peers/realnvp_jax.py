"""The work of realnvp.py by flowjax. Half of the features are kept by each coupling; the library exchanges the
halves of two features and permutes more of them.
"""

import flowjax.distributions
import flowjax.flows
import jax
import jax.numpy as jnp

import timed_jax


def build(case, key):
    base = flowjax.distributions.Normal(jnp.zeros(case.features))
    return flowjax.flows.coupling_flow(
        key, base_dist=base, flow_layers=case.layers, nn_width=case.hidden, nn_depth=2
    )


def medians(case, data):
    return timed_jax.medians(build(case, jax.random.key(0)), case, data)
