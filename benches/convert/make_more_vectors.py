"""Checkpoints of flows with other bases and univariate transforms than those of make_vectors.py; versions as there.

    python benches/convert/make_more_vectors.py crates/thalweg-convert/tests/vectors [NAME …]

`z_in` are the latents of the rows `x_out`: some of these libraries invert by a bisection with a tolerance of 1e-6, so no
inverse is taken of them.
"""

import sys
from pathlib import Path

import normflows
import torch
import zuko
from nflows.flows import Flow

from make_vectors import CONTEXT, ROWS, save, scramble


def angles(features):
    return (2 * torch.rand(ROWS, features) - 1) * 3.1


def normal(features):
    return 1.5 * torch.randn(ROWS, features)


def cases():
    """`(name, flow, rows)`."""
    yield "zuko_ncsf", zuko.flows.NCSF(3, transforms=3, bins=5, hidden_features=(8, 8)), angles(3)
    yield "zuko_ncsf_context", zuko.flows.NCSF(2, context=CONTEXT, transforms=2, bins=4, hidden_features=(8,)), angles(2)
    d = 2
    mixture = normflows.distributions.GaussianMixture(3, d)
    yield "normflows_mixture", normflows.NormalizingFlow(mixture, [
        layer for k in range(2) for layer in (
            normflows.flows.AffineCouplingBlock(normflows.nets.MLP([1, 8, 2])), normflows.flows.Permute(d),
        )
    ]), normal(d)


def evaluate(flow, x, context):
    """Latents and log-densities."""
    if isinstance(flow, Flow):
        z, log_det = flow._transform(x, context)
        return z, flow._distribution.log_prob(z) + log_det
    if isinstance(flow, normflows.NormalizingFlow):
        log_det, z = torch.zeros(len(x), dtype=x.dtype), x
        for step in reversed(flow.flows):
            z, each = step.inverse(z)
            log_det = log_det + each
        return z, flow.q0.log_prob(z) + log_det
    density = flow(context)
    return density.transform(x), density.log_prob(x)


def main(folder, names):
    for index, name in enumerate([name for name, _, _ in cases()]):
        torch.manual_seed(1000 + index)
        _, flow, x = next(case for case in cases() if case[0] == name)
        if names and name not in names:
            continue
        flow = scramble(flow)
        state = {name: tensor.clone().contiguous() for name, tensor in flow.float().state_dict().items()}
        flow, x = flow.double(), x.float().double()
        context = torch.randn(ROWS, CONTEXT).float().double() if name.endswith("_context") else None
        with torch.no_grad():
            z, log_prob = evaluate(flow, x, context)
        found = {"x": x, "log_prob": log_prob, "z_in": z, "x_out": x}
        save(folder, name, state, found if context is None else found | {"context": context})


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
