"""The work of spline.py by flowjax, which permutes the features between the couplings."""

import flowjax.bijections
import flowjax.distributions
import flowjax.flows
import jax.numpy as jnp

from cases import BINS, BOUND


def build(case, key):
    # Its knots are the inner ones.
    spline = flowjax.bijections.RationalQuadraticSpline(knots=BINS - 1, interval=BOUND)
    return flowjax.flows.coupling_flow(
        key,
        base_dist=flowjax.distributions.Normal(jnp.zeros(case.features)),
        transformer=spline,
        flow_layers=case.layers,
        nn_width=case.hidden,
        nn_depth=2,
    )
