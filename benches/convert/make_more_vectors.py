"""Checkpoints of flows with other bases and univariate transforms than those of make_vectors.py; versions as there.

    python benches/convert/make_more_vectors.py crates/thalweg-convert/tests/vectors [NAME …]

`z_in` are the latents of the rows `x_out`: some of these libraries invert by a bisection with a tolerance of 1e-6, so no
inverse is taken of them.
"""

import math
import sys
import zlib
from pathlib import Path

import normflows
import numpy
import torch
import zuko
from nflows.distributions import StandardNormal
from nflows.distributions.mixture import MADEMoG
from nflows.distributions.normal import ConditionalDiagonalNormal
from nflows.distributions.uniform import BoxUniform
from nflows.flows import Flow
from nflows.nn import nets
from nflows.transforms import (
    ActNorm,
    AffineCouplingTransform,
    CompositeTransform,
    InverseTransform,
    Logit,
    LULinear,
    MaskedAffineAutoregressiveTransform,
    MaskedPiecewiseCubicAutoregressiveTransform,
    MaskedPiecewiseLinearAutoregressiveTransform,
    MaskedPiecewiseQuadraticAutoregressiveTransform,
    MaskedPiecewiseRationalQuadraticAutoregressiveTransform,
    PiecewiseCubicCouplingTransform,
    PiecewiseLinearCouplingTransform,
    PiecewiseQuadraticCouplingTransform,
    PiecewiseRationalQuadraticCouplingTransform,
    PointwiseAffineTransform,
    RandomPermutation,
    ReversePermutation,
    Sigmoid,
)
from nflows.transforms.nonlinearities import CauchyCDF, CauchyCDFInverse, LeakyReLU, LogTanh, Tanh

from make_vectors import CONTEXT, ROWS, Inside, Standardize, resnet, save, scramble


def inside(features, bound):
    return (2 * torch.rand(ROWS, features) - 1) * bound


def normal(features):
    return 1.5 * torch.randn(ROWS, features)


def on_circles(features, circles, bounds):
    """Rows inside the bounds of all features: beyond, normflows makes 0 of them."""
    x = normal(features)
    x[:, circles] = inside(len(circles), 1.0) * bounds[circles]
    return torch.minimum(torch.maximum(x, -0.99 * bounds), 0.99 * bounds)


def of_circles():
    """Splines of features on circles beside others."""
    nf, pi = normflows, math.pi
    flows, bases = nf.flows, nf.distributions
    coupled, masked = flows.CircularCoupledRationalQuadraticSpline, flows.CircularAutoregressiveRationalQuadraticSpline
    bounds = torch.tensor([5.0, pi, pi, 4.0])
    base = lambda: bases.UniformGaussian(4, [1, 2], torch.tensor([1.0, 2 * pi, 2 * pi, 1.5]))
    circle = torch.tensor([pi, pi])
    yield "normflows_circular", nf.NormalizingFlow(base(), [
        coupled(4, 2, 8, [1, 2], num_bins=4, tail_bound=bounds),
        coupled(4, 1, 8, [1, 2], num_bins=5, tail_bound=bounds, reverse_mask=True),
        flows.PeriodicShift([1, 2], bound=circle, shift=torch.tensor([0.7, -1.2])),
        coupled(4, 1, 8, [1, 2], num_bins=3, tail_bound=bounds, mask=torch.tensor([1, 1, 0, 0])),
        flows.PeriodicWrap([1, 2], bound=circle),
    ]), on_circles(4, [1, 2], bounds)
    bounds = torch.tensor([pi, 6.0, pi])
    yield "normflows_circular_autoregressive", nf.NormalizingFlow(
        bases.UniformGaussian(3, [0, 2], torch.tensor([2 * pi, 0.8, 2 * pi])),
        [masked(3, 2, 8, [0, 2], num_bins=4, tail_bound=bounds, permute_mask=k > 0) for k in range(2)],
    ), on_circles(3, [0, 2], bounds)
    bounds = torch.full([3], 2.0)
    yield "normflows_circular_one_bound", nf.NormalizingFlow(bases.DiagGaussian(3), [
        coupled(3, 1, 8, [1], num_bins=4, tail_bound=2.0), coupled(3, 1, 8, [1], num_bins=4, tail_bound=2.0, reverse_mask=True),
        flows.PeriodicShift([1], bound=2.0, shift=0.5), masked(3, 1, 8, [1], num_bins=4, tail_bound=2.0),
    ]), on_circles(3, [1], bounds)
    yield "normflows_circular_tails", nf.NormalizingFlow(bases.DiagGaussian(2), [
        flows.CoupledRationalQuadraticSpline(2, 1, 8, num_bins=4, tails="circular", reverse_mask=k > 0) for k in range(2)
    ]), inside(2, 2.99)
    bounds = torch.tensor([4.0, pi, pi])
    yield "normflows_circular_context", nf.ConditionalNormalizingFlow(
        bases.UniformGaussian(3, [1, 2], torch.tensor([1.0, 2 * pi, 2 * pi])), [
            coupled(3, 2, 8, [1, 2], num_context_channels=CONTEXT, num_bins=4, tail_bound=bounds),
            masked(3, 1, 8, [1, 2], num_context_channels=CONTEXT, num_bins=4, tail_bound=bounds),
            coupled(3, 1, 8, [1, 2], num_context_channels=CONTEXT, num_bins=4, tail_bound=bounds, reverse_mask=True),
        ]), on_circles(3, [1, 2], bounds)


def of_residuals():
    """Invertible residual networks; their determinants are computed by `evaluate`, the library estimates them."""
    nf = normflows
    net = lambda *widths, **more: nf.nets.LipschitzMLP(list(widths), init_zeros=False, **more)
    d = 3
    yield "normflows_residual", nf.NormalizingFlow(nf.distributions.DiagGaussian(d), [
        layer for k in range(3) for layer in (nf.flows.Residual(net(d, 8, 6, d)), nf.flows.ActNorm(d))
    ]), normal(d)
    yield "normflows_residual_forward", nf.NormalizingFlow(nf.distributions.DiagGaussian(2), [
        nf.flows.Residual(net(2, 8, 2, lipschitz_const=0.8), reverse=False) for k in range(2)
    ]), normal(2)


def cases():
    """`(name, flow, rows)`."""
    yield "zuko_ncsf", zuko.flows.NCSF(3, transforms=3, bins=5, hidden_features=(8, 8)), inside(3, 3.1)
    yield "zuko_ncsf_context", zuko.flows.NCSF(2, context=CONTEXT, transforms=2, bins=4, hidden_features=(8,)), inside(2, 3.1)
    yield "zuko_sospf", zuko.flows.SOSPF(3, transforms=2, degree=2, polynomials=2, hidden_features=(8, 8)), normal(3)
    yield "zuko_bpf", zuko.flows.BPF(3, transforms=2, degree=6, hidden_features=(8, 8)), inside(3, 4.9)
    yield "zuko_bpf_context", zuko.flows.BPF(2, context=CONTEXT, transforms=2, degree=8, hidden_features=(8,)), inside(2, 4.9)
    mask = torch.tensor([1, 0, 1])
    couplings = [
        ("linear", PiecewiseLinearCouplingTransform, MaskedPiecewiseLinearAutoregressiveTransform),
        ("quadratic", PiecewiseQuadraticCouplingTransform, MaskedPiecewiseQuadraticAutoregressiveTransform),
        ("cubic", PiecewiseCubicCouplingTransform, MaskedPiecewiseCubicAutoregressiveTransform),
        ("rational", PiecewiseRationalQuadraticCouplingTransform, MaskedPiecewiseRationalQuadraticAutoregressiveTransform),
    ]
    for name, coupling, masked in couplings:
        if name != "rational":
            yield f"nflows_{name}", Flow(CompositeTransform([
                layer for m in (mask, 1 - mask) for layer in (
                    coupling(m, resnet(), num_bins=5, tails="linear", tail_bound=2.0), ReversePermutation(3),
                )
            ]), StandardNormal([3])), normal(3)
        of_bins = {"num_bins": 4, "features": 3, "hidden_features": 8}
        yield f"nflows_{name}_box", Flow(CompositeTransform([
            coupling(mask, resnet(), num_bins=5, tails=None), coupling(1 - mask, resnet(), num_bins=5, tails=None),
            masked(**of_bins), ReversePermutation(3), masked(**of_bins),
        ]), BoxUniform(torch.zeros(3), torch.ones(3))), torch.rand(ROWS, 3)
    yield "nflows_sigmoid", Flow(CompositeTransform([
        PointwiseAffineTransform(torch.zeros(3), torch.ones(3)), Sigmoid(temperature=1.5, learn_temperature=True),
        PiecewiseQuadraticCouplingTransform(mask, resnet(), num_bins=5, tails=None), Logit(),
        LULinear(3), InverseTransform(CompositeTransform([Logit(), LULinear(3), ActNorm(3)])), Logit(),
    ]), StandardNormal([3])), normal(3)
    d = 2
    mixture = normflows.distributions.GaussianMixture(3, d)
    yield "normflows_mixture", normflows.NormalizingFlow(mixture, [
        layer for k in range(2) for layer in (
            normflows.flows.AffineCouplingBlock(normflows.nets.MLP([1, 8, 2])), normflows.flows.Permute(d),
        )
    ]), normal(d)
    embedding = torch.nn.Sequential(torch.nn.Linear(CONTEXT, 6), torch.nn.Tanh(), torch.nn.Linear(6, 3))
    yield "nflows_embedding_context", Flow(CompositeTransform([
        MaskedAffineAutoregressiveTransform(3, 8, context_features=3, num_blocks=1), RandomPermutation(3),
        AffineCouplingTransform(mask, lambda i, o: nets.ResidualNet(i, o, hidden_features=8, context_features=3, num_blocks=1)),
    ]), ConditionalDiagonalNormal([3], torch.nn.Linear(3, 6)), embedding), normal(3)
    yield "nflows_standard_embedding_context", Inside(Flow(CompositeTransform([
        AffineCouplingTransform(mask, lambda i, o: nets.ResidualNet(i, o, hidden_features=8, context_features=4, num_blocks=1)),
        AffineCouplingTransform(1 - mask, lambda i, o: nets.ResidualNet(i, o, hidden_features=8, context_features=4, num_blocks=1)),
    ]), StandardNormal([3]), torch.nn.Sequential(Standardize(torch.tensor([0.5, -0.25]), torch.tensor([1.5, 0.75])), torch.nn.Sequential(
        torch.nn.Linear(CONTEXT, 5), torch.nn.ReLU(), torch.nn.Linear(5, 4))))), normal(3)
    tight = {"hidden_features": (8, 8), "atol": 1e-11, "rtol": 1e-11, "activation": torch.nn.Tanh}
    yield "zuko_cnf", zuko.flows.CNF(3, **tight), normal(3)
    yield "zuko_cnf_context", zuko.flows.CNF(2, context=CONTEXT, **tight), normal(2)
    for name, coupling, _ in couplings[:3]:
        yield f"nflows_{name}_constants", Flow(CompositeTransform([
            coupling(m, resnet(blocks=1), num_bins=4, tails=None, apply_unconditional_transform=True)
            for m in (mask, 1 - mask)
        ]), BoxUniform(torch.zeros(3), torch.ones(3))), torch.rand(ROWS, 3)
    lazy = zuko.lazy
    yield "zuko_rotation", zuko.flows.Flow([
        zuko.flows.MaskedAutoregressiveTransform(3, hidden_features=(8,)),
        lazy.UnconditionalTransform(zuko.transforms.RotationTransform, A=torch.randn(3, 3)),
        zuko.flows.MaskedAutoregressiveTransform(3, hidden_features=(8,)),
    ], lazy.UnconditionalDistribution(zuko.distributions.DiagNormal, loc=torch.zeros(3), scale=torch.ones(3), buffer=True)), normal(3)

    yield "zuko_gf", zuko.flows.GF(3, transforms=2, components=4), 0.4 * normal(3)
    yield "zuko_gf_context", zuko.flows.GF(2, context=CONTEXT, transforms=2, components=3, hidden_features=(8,)), 0.4 * normal(2)
    small = {"hidden_features": (8, 8), "signal": 3}
    yield "zuko_naf", zuko.flows.NAF(3, transforms=2, network={"hidden_features": (6, 4)}, **small), normal(3)
    yield "zuko_naf_context", zuko.flows.NAF(2, context=CONTEXT, transforms=2, network={"hidden_features": (5,)}, **small), normal(2)
    yield "zuko_unaf", zuko.flows.UNAF(3, transforms=2, network={"hidden_features": (6, 4)}, **small), normal(3)
    yield "zuko_unaf_context", zuko.flows.UNAF(2, context=CONTEXT, transforms=2, network={"hidden_features": (5,)}, **small), normal(2)
    normalized = {"normalize": True, "hidden_features": (8, 6)}
    yield "zuko_normalize", zuko.flows.Flow([
        zuko.flows.GeneralCouplingTransform(3, **normalized),
        zuko.flows.GeneralCouplingTransform(3, mask=torch.tensor([1, 0, 0], dtype=torch.bool), **normalized),
    ], lazy.UnconditionalDistribution(zuko.distributions.DiagNormal, loc=torch.zeros(3), scale=torch.ones(3), buffer=True)), normal(3)
    yield "zuko_elementwise", zuko.flows.Flow([
        zuko.flows.ElementWiseTransform(3), zuko.flows.MaskedAutoregressiveTransform(3, hidden_features=(8,)),
    ], lazy.UnconditionalDistribution(zuko.distributions.DiagNormal, loc=torch.zeros(3), scale=torch.ones(3), buffer=True)), normal(3)
    yield "zuko_elementwise_context", zuko.flows.Flow([
        zuko.flows.ElementWiseTransform(2, CONTEXT, hidden_features=(8,)),
    ], lazy.UnconditionalDistribution(zuko.distributions.DiagNormal, loc=torch.zeros(2), scale=torch.ones(2), buffer=True)), normal(2)
    yield "zuko_normalize_context", zuko.flows.GF(2, context=CONTEXT, transforms=1, components=3, **normalized), 0.4 * normal(2)
    yield "nflows_nonlinear_values", Flow(CompositeTransform([
        LULinear(3), LogTanh(cut_point=2.0), LULinear(3), LeakyReLU(negative_slope=0.2),
    ]), StandardNormal([3])), 2.0 * normal(3)
    mixture = {"features": 3, "hidden_features": 8, "num_mixture_components": 4, "num_blocks": 1}
    yield "nflows_mixture", Flow(LULinear(3), MADEMoG(context_features=None, **mixture)), normal(3)
    yield "nflows_mixture_context", Flow(MaskedAffineAutoregressiveTransform(
        3, 8, context_features=CONTEXT, num_blocks=1), MADEMoG(context_features=CONTEXT, **mixture)), 0.5 * normal(3)
    yield from of_circles()
    yield from of_residuals()
    yield "nflows_nonlinear", Flow(CompositeTransform([
        LULinear(3), LogTanh(), LULinear(3), Tanh(), InverseTransform(LogTanh()), LULinear(3), CauchyCDF(), LULinear(3),
        CauchyCDF(), CauchyCDFInverse(), InverseTransform(LeakyReLU()), LULinear(3), LeakyReLU(),
    ]), StandardNormal([3])), 0.4 * normal(3)



def quantiles(made, x, context):
    """The normal numbers whose quantiles are those of `x` under the mixtures of a `MADEMoG`."""
    logits, means, deviations = made(x, context).reshape(*x.shape, -1, 3).unbind(-1)
    weights = logits.softmax(-1)
    u = (x[..., None] - means) / (torch.nn.functional.softplus(deviations) + made.epsilon)
    upper, lower = [(weights * torch.special.ndtr(side * u)).sum(-1) for side in (-1, 1)]
    return torch.where(lower < upper, torch.special.ndtri(lower), -torch.special.ndtri(upper))


def residual(block, x):
    """`x + g(x)`, and the exact logarithm of its determinant, row by row."""
    rows = [torch.autograd.functional.jacobian(lambda row: block.nnet(row[None])[0], row) for row in x]
    jacobian = torch.eye(x.shape[1], dtype=x.dtype) + torch.stack(rows)
    return x + block.nnet(x), torch.linalg.slogdet(jacobian)[1]


def inverse_of(step, z, context):
    """From data to latents through a layer of normflows."""
    if isinstance(step, normflows.flows.Residual):
        if step.reverse:
            return residual(step.iresblock, z)
        x = z
        for _ in range(2000):
            x = z - step.iresblock.nnet(x)
        return x, -residual(step.iresblock, x)[1]
    return step.inverse(z) if context is None else step.inverse(z, context)


def standardized(base, z):
    """Latents as numbers of deviation 1, and points of circles of length 1."""
    if isinstance(base, normflows.distributions.UniformGaussian):
        return z / base.scale
    if isinstance(base, normflows.distributions.DiagGaussian):
        return (z - base.loc) / base.log_scale.exp()
    return z


def evaluate(flow, x, context):
    """Latents and log-densities."""
    if isinstance(flow, Flow):
        if context is None:
            z, log_det = flow._transform(x, None)
            log_prob = flow._distribution.log_prob(z) + log_det
            is_mixture = isinstance(flow._distribution, MADEMoG)
            return quantiles(flow._distribution._made, z, None) if is_mixture else z, log_prob
        context = flow._embedding_net(context)
        z, log_det = flow._transform(x, context)
        log_prob = flow._distribution.log_prob(z, context) + log_det
        if isinstance(flow._distribution, MADEMoG):
            z = quantiles(flow._distribution._made, z, context)
        if isinstance(flow._distribution, ConditionalDiagonalNormal):
            mean, log_deviation = flow._distribution._compute_params(context)
            z = (z - mean) * (-log_deviation).exp()
        return z, log_prob
    if isinstance(flow, normflows.NormalizingFlow):
        log_det, z = torch.zeros(len(x), dtype=x.dtype), x
        for step in reversed(flow.flows):
            z, each = inverse_of(step, z, context)
            log_det = log_det + each
        return standardized(flow.q0, z), flow.q0.log_prob(z) + log_det
    density = flow(context)
    return density.transform(x), density.log_prob(x)


def main(folder, names):
    for name in [name for name, _, _ in cases()]:
        torch.manual_seed(zlib.crc32(name.encode()))
        numpy.random.seed(1)
        _, flow, x = next(case for case in cases() if case[0] == name)
        if names and name not in names:
            continue
        flow = scramble(flow)
        for layer in flow.modules():
            if isinstance(layer, normflows.nets.lipschitz.InducedNormLinear):
                # The weights are other ones than those of which it knows the norm.
                layer.compute_weight(update=True, n_iterations=500)
        state = {name: tensor.clone().contiguous() for name, tensor in flow.state_dict().items()}
        flow = flow.net if isinstance(flow, Inside) else flow
        flow, x = flow.double(), x.float().double()
        if isinstance(flow, zuko.flows.CNF):
            # They are rounded to float32 there, as the logarithm of a slope is.
            flow.transform.freqs = torch.arange(1, 4, dtype=torch.float64) * math.pi
        for layer in flow.modules():
            if isinstance(layer, LeakyReLU):
                layer.log_negative_slope = torch.tensor(math.log(layer.negative_slope), dtype=torch.float64)
        context = torch.randn(ROWS, CONTEXT).float().double() if name.endswith("_context") else None
        # A `LeakyReLU` counts in this type.
        torch.set_default_dtype(torch.float64)
        with torch.no_grad():
            z, log_prob = evaluate(flow, x, context)
        torch.set_default_dtype(torch.float32)
        found = {"x": x, "log_prob": log_prob, "z_in": z, "x_out": x}
        save(folder, name, state, found if context is None else found | {"context": context})


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
