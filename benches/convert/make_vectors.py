"""Checkpoints of nflows, normflows, zuko and glow-pytorch, and what these libraries say of inputs.

Versions: Python 3.11, torch 2.15.0, nflows 0.14, normflows 1.7.3, zuko 1.6.0, safetensors 0.8.0, numpy 2.4.6.

    python benches/convert/make_vectors.py crates/thalweg-convert/tests/vectors

With a checkout of github.com/rosinality/glow-pytorch (its model.py at commit 1e782e6) in PYTHONPATH, and scipy 1.17,

    python benches/convert/make_vectors.py crates/thalweg-convert/tests/vectors glow-pytorch

writes the cases of that repository alone, and with `normflows-glow` in place of `glow-pytorch` those of images of
normflows. The script writes, for each case, NAME.safetensors, the state dict as a program saves it, in float32, and
NAME.vectors.safetensors with `x`, `log_prob`, `z_in` and `x_out`, computed in float64 with the same weights: the
log-densities of `x`, and the data of the latents `z_in` where the library computes both directions; with `context`, all
given it.
"""

import copy
import sys
from pathlib import Path

import normflows
import torch
import zuko
from nflows.distributions import StandardNormal
from nflows.distributions.normal import ConditionalDiagonalNormal, DiagonalNormal
from nflows.flows import Flow, MaskedAutoregressiveFlow, SimpleRealNVP
from nflows.nn import nets
from nflows.transforms import (
    ActNorm,
    AffineCouplingTransform,
    AdditiveCouplingTransform,
    BatchNorm,
    CompositeTransform,
    InverseTransform,
    LULinear,
    MaskedAffineAutoregressiveTransform,
    MaskedPiecewiseRationalQuadraticAutoregressiveTransform,
    NaiveLinear,
    PiecewiseRationalQuadraticCouplingTransform,
    PointwiseAffineTransform,
    QRLinear,
    RandomPermutation,
    ReversePermutation,
    SVDLinear,
)
from safetensors.torch import save_file

ROWS = 24
# Numbers of a condition.
CONTEXT = 2


def scramble(module):
    """Weights that are far from those of an untrained model, exact in float32."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            noise = torch.randn(parameter.shape)
            width = 0.4 if parameter.dim() > 1 else 0.3
            parameter.copy_((parameter + width * noise * (1 if parameter.dim() < 2 else parameter.shape[-1] ** -0.5)).float())
        for name, buffer in module.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(0.3 * torch.randn(buffer.shape))
            elif name.endswith("running_var"):
                buffer.copy_(torch.rand(buffer.shape) + 0.5)
            elif name.endswith("initialized") or name.endswith("data_dep_init_done"):
                buffer.fill_(1)
    return module.eval()


def resnet(activation=torch.nn.functional.relu, hidden=8, blocks=2):
    return lambda i, o: nets.ResidualNet(i, o, hidden_features=hidden, num_blocks=blocks, activation=activation)


class Perceptron(nets.MLP):
    """nflows' MLP takes no context, and its couplings give one."""

    def forward(self, inputs, context=None):
        return super().forward(inputs)


def of_nflows():
    mask = torch.tensor([1, 0, 1, 0, 0])
    other = 1 - mask
    mlp = lambda i, o: Perceptron([i], [o], [8, 8])
    d = 5
    yield "nflows_affine", Flow(
        CompositeTransform([
            ActNorm(d), RandomPermutation(d), AffineCouplingTransform(mask, resnet()),
            LULinear(d), AffineCouplingTransform(other, mlp), BatchNorm(d), ReversePermutation(d),
        ]),
        StandardNormal([d]),
    )
    yield "nflows_additive_elu", Flow(
        CompositeTransform([
            CompositeTransform([AdditiveCouplingTransform(mask, resnet(torch.nn.functional.elu)), NaiveLinear(d, orthogonal_initialization=False)]),
            AdditiveCouplingTransform(other, resnet(torch.nn.functional.elu)),
            PointwiseAffineTransform(torch.tensor([0.5]), torch.tensor([1.5])),
        ]),
        DiagonalNormal([d]),
    )
    yield "nflows_spline", Flow(
        CompositeTransform([
            layer for m in (mask, other) for layer in (
                LULinear(d),
                PiecewiseRationalQuadraticCouplingTransform(m, resnet(), num_bins=6, tails="linear", tail_bound=3.0),
            )
        ]),
        StandardNormal([d]),
    )
    yield "nflows_maf", MaskedAutoregressiveFlow(
        features=4, hidden_features=10, num_layers=3, num_blocks_per_layer=2, batch_norm_between_layers=True,
        use_random_permutations=True,
    )
    yield "nflows_maf_feedforward", Flow(
        CompositeTransform([
            MaskedAffineAutoregressiveTransform(4, 10, num_blocks=2, use_residual_blocks=False, random_mask=True,
                                                activation=torch.nn.functional.gelu),
            ReversePermutation(4),
        ]),
        StandardNormal([4]),
    )
    yield "nflows_maf_spline", Flow(
        CompositeTransform([
            MaskedPiecewiseRationalQuadraticAutoregressiveTransform(4, 10, num_bins=5, tails="linear", tail_bound=2.5),
            ReversePermutation(4),
            MaskedPiecewiseRationalQuadraticAutoregressiveTransform(4, 10, num_bins=5, tails="linear", tail_bound=2.5),
        ]),
        StandardNormal([4]),
    )
    yield "nflows_realnvp", SimpleRealNVP(features=3, hidden_features=8, num_layers=3, num_blocks_per_layer=1,
                                          batch_norm_between_layers=True)


def of_normflows():
    nf = normflows
    d = 3
    base = lambda: nf.distributions.DiagGaussian(d)
    b = torch.tensor([1.0, 0.0, 1.0])
    mlp = lambda sizes, **more: nf.nets.MLP(sizes, **more)
    yield "normflows_realnvp", nf.NormalizingFlow(base(), [
        layer for k in range(4) for layer in (
            nf.flows.MaskedAffineFlow(b if k % 2 else 1 - b, mlp([d, 8, 8, d], leaky=0.1), mlp([d, 6, 6, d], leaky=0.1)),
            nf.flows.ActNorm(d),
        )
    ])
    yield "normflows_coupling_swap", nf.NormalizingFlow(base(), [
        layer for k in range(3) for layer in (
            nf.flows.AffineCouplingBlock(mlp([2, 8, 2])), nf.flows.Permute(d, mode="swap"),
        )
    ])
    yield "normflows_coupling_sigmoid", nf.NormalizingFlow(base(), [
        layer for k in range(3) for layer in (
            nf.flows.AffineCouplingBlock(mlp([2, 8, 2]), scale_map="sigmoid"), nf.flows.Permute(d, mode="shuffle"),
        )
    ] + [nf.flows.AffineConstFlow((d,)), nf.flows.InvertibleAffine(d), nf.flows.InvertibleAffine(d, use_lu=False)])
    yield "normflows_spline", nf.NormalizingFlow(base(), [
        layer for k in range(2) for layer in (
            nf.flows.CoupledRationalQuadraticSpline(d, 2, 8, num_bins=5, reverse_mask=k % 2 == 0),
            nf.flows.LULinearPermute(d),
        )
    ])
    yield "normflows_spline_autoregressive", nf.NormalizingFlow(base(), [
        layer for k in range(2) for layer in (
            nf.flows.AutoregressiveRationalQuadraticSpline(d, 2, 8, num_bins=5, permute_mask=True),
            nf.flows.LULinearPermute(d),
        )
    ])
    # Their library has no inverse of these: data are made of latents.
    yield "normflows_planar_radial", nf.NormalizingFlow(base(), [
        nf.flows.Planar((d,)), nf.flows.Radial((d,)), nf.flows.Planar((d,)),
    ])


def of_zuko():
    yield "zuko_maf", zuko.flows.MAF(4, transforms=3, hidden_features=(12, 10), randperm=True)
    yield "zuko_nsf", zuko.flows.NSF(4, transforms=2, bins=5, hidden_features=(12, 12), activation=torch.nn.Tanh)
    yield "zuko_nsf_coupling", zuko.flows.NSF(4, transforms=2, bins=5, passes=2, hidden_features=(12, 12))
    yield "zuko_nice", zuko.flows.NICE(5, transforms=3, hidden_features=(8, 8), randmask=True)
    yield "zuko_nice_additive", zuko.flows.NICE(
        5, transforms=2, hidden_features=(8,), univariate=zuko.transforms.AdditiveTransform, shapes=[()])


def of_options():
    """Flows that differ from the defaults of their library in what the state dict does not tell."""
    least = dict(min_bin_width=0.05, min_bin_height=0.02, min_derivative=0.1)
    mask = torch.tensor([1, 0, 1, 0])
    spline = dict(num_bins=5, tails="linear", tail_bound=2.0, **least)
    yield "nflows_least", Flow(
        CompositeTransform([
            PiecewiseRationalQuadraticCouplingTransform(mask, resnet(), **spline), ReversePermutation(4),
            MaskedPiecewiseRationalQuadraticAutoregressiveTransform(4, 10, **spline),
        ]),
        StandardNormal([4]),
    )


def of_contexts():
    """Flows given vectors."""
    yield "zuko_maf_context", zuko.flows.MAF(4, context=CONTEXT, transforms=2, hidden_features=(12, 10), randperm=True)
    yield "zuko_nsf_context", zuko.flows.NSF(3, context=CONTEXT, transforms=2, bins=5, hidden_features=(12, 12))
    yield "zuko_nice_context", zuko.flows.NICE(5, context=CONTEXT, transforms=3, hidden_features=(8, 8), randmask=True)


class Standardize(torch.nn.Module):
    """What sbi puts in front of the network of a context."""

    def __init__(self, mean, deviation):
        super().__init__()
        self.register_buffer("_mean", mean)
        self.register_buffer("_std", deviation)

    def forward(self, x):
        return (x - self._mean) / self._std


class OfContext(torch.nn.Module):
    """A network that sees the context alone: what sbi gives the couplings of one feature."""

    def __init__(self, outputs, hidden):
        super().__init__()
        self.hidden_features = hidden
        linear, relu = torch.nn.Linear, torch.nn.ReLU
        self.spline_predictor = torch.nn.Sequential(
            linear(CONTEXT, hidden), relu(), linear(hidden, hidden), relu(), linear(hidden, outputs))

    def forward(self, inputs, context=None):
        return self.spline_predictor(context)


class Inside(torch.nn.Module):
    """A flow in a module of its own, as sbi saves it."""

    def __init__(self, net):
        super().__init__()
        self.net = net


def of_gates():
    """Networks that a context shifts and gates, and those with normalizations."""
    elu, tanh, relu = torch.nn.functional.elu, torch.tanh, torch.nn.functional.relu

    def net(activation=relu, **more):
        return lambda i, o: nets.ResidualNet(
            i, o, hidden_features=8, context_features=CONTEXT, num_blocks=2, activation=activation, **more)

    mask = torch.tensor([1, 0, 1])
    spline = dict(num_bins=5, tails="linear", tail_bound=3.0)
    z_score = PointwiseAffineTransform(torch.tensor([0.5, -0.25, 0.125]), torch.tensor([1.5, 0.75, 2.0]))
    embedding = torch.nn.Sequential(
        Standardize(torch.tensor([0.5, -1.0]), torch.tensor([2.0, 0.5])), torch.nn.Identity())
    # As `sbi.neural_nets.posterior_nn("nsf")` composes it.
    yield "nflows_nsf_context", Inside(Flow(
        CompositeTransform([z_score, CompositeTransform([
            step for m in (mask, 1 - mask, mask) for step in (
                PiecewiseRationalQuadraticCouplingTransform(m, net(), apply_unconditional_transform=False, **spline),
                LULinear(3),
            )
        ])]),
        StandardNormal([3]),
        embedding,
    ))
    # As `posterior_nn("maf")`.
    yield "nflows_maf_context", Flow(
        CompositeTransform([z_score, CompositeTransform([
            step for _ in range(2) for step in (
                MaskedAffineAutoregressiveTransform(3, 10, context_features=CONTEXT, num_blocks=2,
                                                    use_residual_blocks=False, activation=tanh),
                RandomPermutation(3),
            )
        ])]),
        StandardNormal([3]),
        Standardize(torch.tensor([0.5]), torch.tensor([2.0])),
    )
    yield "nflows_maf_residual_context", Flow(
        CompositeTransform([
            MaskedAffineAutoregressiveTransform(3, 10, context_features=CONTEXT, num_blocks=2, activation=elu,
                                                use_batch_norm=True),
            ReversePermutation(3),
            MaskedPiecewiseRationalQuadraticAutoregressiveTransform(
                3, 10, context_features=CONTEXT, num_blocks=1, activation=elu, num_bins=5, tails="linear", tail_bound=3.0),
        ]),
        ConditionalDiagonalNormal([3], torch.nn.Linear(CONTEXT, 6)),
    )
    yield "nflows_nsf_norm_context", Flow(
        CompositeTransform([
            step for m in (mask, 1 - mask) for step in (
                RandomPermutation(3),
                PiecewiseRationalQuadraticCouplingTransform(
                    m, net(elu, use_batch_norm=True), apply_unconditional_transform=True, **spline),
            )
        ]),
        ConditionalDiagonalNormal([3], torch.nn.Sequential(
            torch.nn.Linear(CONTEXT, 5), torch.nn.ELU(), torch.nn.Linear(5, 6))),
    )
    # Of one feature.
    one = torch.tensor([1])
    yield "nflows_one_context", Flow(
        CompositeTransform([
            PiecewiseRationalQuadraticCouplingTransform(
                one, lambda i, o: OfContext(o, 7), apply_unconditional_transform=False, **spline),
            MaskedAffineAutoregressiveTransform(1, 6, context_features=CONTEXT, num_blocks=2, use_residual_blocks=False),
        ]),
        StandardNormal([1]),
    )
    yield "nflows_maf_norm", MaskedAutoregressiveFlow(
        features=4, hidden_features=10, num_layers=2, num_blocks_per_layer=2, use_residual_blocks=False,
        batch_norm_within_layers=True)
    yield "nflows_realnvp_norm", SimpleRealNVP(features=3, hidden_features=8, num_layers=3, num_blocks_per_layer=2,
                                               batch_norm_within_layers=True)
    nf, d = normflows, 3
    yield "normflows_spline_context", nf.ConditionalNormalizingFlow(nf.distributions.DiagGaussian(d), [
        layer for k in range(2) for layer in (
            nf.flows.CoupledRationalQuadraticSpline(d, 2, 8, num_context_channels=CONTEXT, num_bins=5,
                                                    reverse_mask=k % 2 == 0),
            nf.flows.LULinearPermute(d),
        )
    ])
    base = nf.distributions.base.ConditionalDiagGaussian(d, torch.nn.Linear(CONTEXT, 2 * d))
    yield "normflows_spline_autoregressive_context", nf.ConditionalNormalizingFlow(base, [
        layer for k in range(2) for layer in (
            nf.flows.AutoregressiveRationalQuadraticSpline(d, 2, 8, num_context_channels=CONTEXT, num_bins=5,
                                                           permute_mask=True),
            nf.flows.LULinearPermute(d),
        )
    ])
    yield "zuko_maf_residual", zuko.flows.MAF(4, transforms=2, hidden_features=(9, 9), residual=True)
    yield "zuko_nsf_residual_context", zuko.flows.NSF(
        3, context=CONTEXT, transforms=2, bins=5, hidden_features=(8, 8, 8), residual=True, activation=torch.nn.ELU)
    # Inverse autoregressive flows.
    yield "nflows_inverse_context", Flow(
        CompositeTransform([
            InverseTransform(CompositeTransform([
                MaskedAffineAutoregressiveTransform(3, 8, context_features=CONTEXT, num_blocks=1), RandomPermutation(3),
            ])),
            InverseTransform(AffineCouplingTransform(mask, net())),
        ]),
        StandardNormal([3]),
    )


def of_more():
    """Modules that few flows of nflows have."""
    mask = torch.tensor([1, 0, 1, 0])
    spline = dict(num_bins=5, tails="linear", tail_bound=2.0, apply_unconditional_transform=True)
    yield "nflows_householder", Flow(
        CompositeTransform([
            QRLinear(4, num_householder=3), PiecewiseRationalQuadraticCouplingTransform(mask, resnet(), **spline),
            SVDLinear(4, num_householder=4),
        ]),
        StandardNormal([4]),
    )


def numbers_given(flow):
    """`x`, `context`, `log_prob`, `z_in`, `x_out` of a flow with a context in float64."""
    flow = flow.double()
    x, z_in = [(1.5 * torch.randn(ROWS, features_of(flow))).float().double() for _ in range(2)]
    context = torch.randn(ROWS, CONTEXT).float().double()
    with torch.no_grad():
        if isinstance(flow, Flow):
            x_out, _ = flow._transform.inverse(z_in, flow._embedding_net(context))
            if isinstance(flow._distribution, ConditionalDiagonalNormal):
                mean, log_deviation = flow._distribution._compute_params(context)
                x_out, _ = flow._transform.inverse(mean + log_deviation.exp() * z_in, context)
            log_prob = flow.log_prob(x, context)
            return {"x": x, "context": context, "log_prob": log_prob, "z_in": z_in, "x_out": x_out}
        if isinstance(flow, normflows.ConditionalNormalizingFlow):
            mean, log_deviation = (flow.q0.loc, flow.q0.log_scale) if hasattr(flow.q0, "loc") else (
                flow.q0.context_encoder(context).chunk(2, -1))
            x_out = flow.forward(mean + log_deviation.exp() * z_in, context)
            log_prob = flow.log_prob(x, context)
            return {"x": x, "context": context, "log_prob": log_prob, "z_in": z_in, "x_out": x_out}
        density = flow(context)
        log_prob, x_out = density.log_prob(x), density.transform.inv(z_in)
    return {"x": x, "context": context, "log_prob": log_prob, "z_in": z_in, "x_out": x_out}


def numbers(flow):
    """`x`, `log_prob`, `z_in`, `x_out` of a flow in float64."""
    flow = flow.double()
    x = torch.randn(ROWS, features_of(flow)).float().double() * 1.5
    x = x.float().double()
    z_in = torch.randn(ROWS, x.shape[1]).float().double()
    with torch.no_grad():
        if isinstance(flow, Flow):
            found = {"x": x, "log_prob": flow.log_prob(x)}
            # The inverse of these layers calls a function that torch 2.15 no longer has.
            if any(isinstance(module, (NaiveLinear, QRLinear)) for module in flow.modules()):
                return found
            return found | {"z_in": z_in, "x_out": flow._transform.inverse(z_in)[0]}
        if isinstance(flow, normflows.NormalizingFlow):
            base = flow.q0
            def forward(z):
                log_det = torch.zeros(len(z), dtype=torch.float64)
                for step in flow.flows:
                    z, each = step(z)
                    log_det = log_det + each
                return z, log_det
            z = base.loc + torch.exp(base.log_scale) * z_in
            x_out, log_det = forward(z)
            found = {"z_in": z_in, "x_out": x_out}
            if any(isinstance(step, (normflows.flows.Planar, normflows.flows.Radial)) for step in flow.flows):
                return found | {"x": x_out, "log_prob": base.log_prob(z) - log_det}
            log_prob, z = torch.zeros(ROWS, dtype=torch.float64), x
            for step in reversed(flow.flows):
                z, each = step.inverse(z)
                log_prob = log_prob + each
            return found | {"x": x, "log_prob": log_prob + base.log_prob(z)}
        density = flow()
        return {"x": x, "log_prob": density.log_prob(x), "z_in": z_in, "x_out": density.transform.inv(z_in)}


def of_glow_pytorch():
    """`(name, channels, size, model)`. Its last block has triangular factors whatever the option says."""
    import model

    # `torch.qr` is deprecated; hidden layers are 512 wide where a model does not say otherwise.
    torch.qr = torch.linalg.qr
    model.AffineCoupling.__init__.__defaults__ = (8, True)
    yield "glow_pytorch_affine", [3, 8, 8], model.Glow(3, 2, 2)
    yield "glow_pytorch_full", [3, 8, 12], model.Glow(3, 2, 2, conv_lu=False)
    yield "glow_pytorch_additive", [1, 8, 8], model.Glow(1, 2, 2, affine=False)


def scramble_glow(glow):
    """Weights far from those of an untrained model, with scales of both signs, exact in float32."""
    with torch.no_grad():
        for name, parameter in glow.named_parameters():
            noise = torch.randn(parameter.shape)
            if name.endswith("actnorm.scale"):
                changed = torch.sign(noise) * (1 + 0.3 * torch.rand(parameter.shape))
            elif ".invconv." in name:
                changed = parameter + 0.03 * noise
            elif parameter.dim() == 4 and parameter.shape[0] > 1:
                changed = parameter + 0.3 * noise * (parameter.shape[1] * parameter.shape[2] ** 2) ** -0.5
            else:
                changed = parameter + 0.1 * noise
            parameter.copy_(changed.float())
        for name, buffer in glow.named_buffers():
            if name.endswith("initialized"):
                buffer.fill_(1)
    return glow.eval()


def numbers_of_glow(glow, shape):
    """`x`, `log_prob` as for vectors, and the images `x_out` of the latents `z_in`, finest scale first in one row."""
    glow = glow.double()
    x = (torch.rand(8, *shape) - 0.5).double()
    with torch.no_grad():
        # The log-determinant of a full matrix is rounded to float32 there.
        torch.Tensor.float = lambda tensor: tensor
        log_p, log_det, z = glow(x)
        z_in = [torch.randn(8, *part.shape[1:]).double() for part in z]
        x_out = glow.reverse(z_in)
    rows = torch.cat([part.reshape(8, -1) for part in z_in], 1)
    return {"x": x, "log_prob": log_p + log_det, "z_in": rows, "x_out": x_out}


def of_normflows_glow():
    """`(name, size, model, class)`: a `MultiscaleFlow` as in the examples of normflows, coarsest level first."""
    nf = normflows

    def glow(shape, base, transform=None, levels=2, class_cond=False, **block):
        channels, height, width = shape
        q0, flows, merges = [], [], []
        for i in range(levels):
            blocks = [nf.flows.GlowBlock(channels * 2 ** (levels + 1 - i), 8, init_zeros=False, **block) for _ in range(2)]
            flows += [blocks + [nf.flows.Squeeze()]]
            if i > 0:
                merges += [nf.flows.Merge()]
            deep = levels + 1 if i == 0 else levels - i
            q0 += [base((channels * 2 ** deep, height // 2 ** (levels - i), width // 2 ** (levels - i)))]
        return nf.MultiscaleFlow(q0, flows, merges, transform=transform, class_cond=class_cond)

    yield "normflows_glow", [3, 8, 8], glow([3, 8, 8], nf.distributions.DiagGaussian), None
    yield "normflows_glow_base", [1, 8, 12], glow(
        [1, 8, 12], nf.distributions.GlowBase, scale_map="exp", leaky=0.1, use_lu=False, net_actnorm=True), None
    yield "normflows_glow_class", [1, 8, 8], glow(
        [1, 8, 8], lambda shape: nf.distributions.ClassCondDiagGaussian(shape, 3), nf.transforms.Shift(), class_cond=True,
        scale=False), 2
    yield "normflows_glow_base_class", [1, 8, 8], glow(
        [1, 8, 8], lambda shape: nf.distributions.GlowBase(shape, 3), class_cond=True, scale_map="sigmoid_inv"), 1


def scramble_normflows_glow(glow):
    """Weights far from those of an untrained model, exact in float32."""
    with torch.no_grad():
        for name, parameter in glow.named_parameters():
            noise = torch.randn(parameter.shape)
            mixing = name.split(".")[-1] in ("L", "U", "W", "log_S")
            if not mixing and parameter.dim() == 4 and ".param_map." in name and parameter.shape[-2:] != (1, 1):
                noise = noise * (parameter.shape[1] * parameter.shape[2] ** 2) ** -0.5
            parameter.copy_((parameter + (0.03 if mixing else 0.2) * noise).float())
        for name, buffer in glow.named_buffers():
            if name.endswith("data_dep_init_done"):
                buffer.fill_(1)
    return glow.eval()


def numbers_of_normflows_glow(glow, shape, label):
    """As `numbers_of_glow`: of images in the unit cube, and of latents that the base densities scale and shift."""
    glow = glow.double()
    x = torch.rand(8, *shape).double()
    y = None if label is None else torch.full((8,), label)
    with torch.no_grad():
        # `Shift` changes what it is given.
        log_prob = glow.log_prob(x.clone(), y)
        z, _ = glow.inverse_and_log_det(x.clone())
        z_in = [torch.randn(8, *part.shape[1:]).double() for part in z]
        scaled = []
        for base, part in zip(glow.q0, z_in):
            if isinstance(base, normflows.distributions.DiagGaussian):
                loc, log_scale = base.loc, base.log_scale
            elif isinstance(base, normflows.distributions.ClassCondDiagGaussian):
                loc, log_scale = base.loc[None, ..., label], base.log_scale[None, ..., label]
            else:
                loc = base.loc * torch.exp(3 * base.loc_logs)
                log_scale = base.log_scale * torch.exp(3 * base.log_scale_logs)
                if label is not None:
                    loc = loc + base.loc_cc[label][None, :, None, None]
                    log_scale = log_scale + base.log_scale_cc[label][None, :, None, None]
            scaled.append(loc + torch.exp(log_scale) * part)
        x_out, _ = glow.forward_and_log_det(scaled)
    rows = torch.cat([part.reshape(8, -1) for part in reversed(z_in)], 1)
    return {"x": x, "log_prob": log_prob, "z_in": rows, "x_out": x_out}


def normflows_glows(folder):
    for index, (name, shape, glow, label) in enumerate(list(of_normflows_glow())):
        torch.manual_seed(200 + index)
        glow = scramble_normflows_glow(glow)
        state = copy.deepcopy(glow.state_dict())
        save(folder, name, state, numbers_of_normflows_glow(glow, shape, label))


def save(folder, name, state, found):
    assert all(torch.isfinite(tensor).all() for tensor in found.values()), name
    save_file({key: tensor.clone().contiguous() for key, tensor in state.items()}, folder / f"{name}.safetensors")
    save_file({key: tensor.clone().contiguous() for key, tensor in found.items()}, folder / f"{name}.vectors.safetensors")
    print(name, float(found["log_prob"].mean()))


def glows(folder):
    import numpy

    numpy.random.seed(1)
    for index, (name, shape, glow) in enumerate(list(of_glow_pytorch())):
        torch.manual_seed(100 + index)
        glow = scramble_glow(glow)
        state = copy.deepcopy(glow.state_dict())
        as_float = torch.Tensor.float
        found = numbers_of_glow(glow, shape)
        torch.Tensor.float = as_float
        save(folder, name, state, found)


def features_of(flow):
    if isinstance(flow, Flow):
        return flow._distribution._shape[0]
    if isinstance(flow, normflows.ConditionalNormalizingFlow) and not hasattr(flow.q0, "loc"):
        return flow.q0.context_encoder.out_features // 2
    if isinstance(flow, normflows.NormalizingFlow):
        return flow.q0.loc.shape[1]
    return flow.base.loc.shape[0]


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for index, (name, flow) in enumerate([*of_nflows(), *of_normflows(), *of_zuko(), *of_options(), *of_contexts(), *of_more(), *of_gates()]):
        torch.manual_seed(index)
        flow = scramble(flow)
        for step in getattr(flow, "flows", []):
            # Its own programs set it on the first batch.
            if isinstance(step, normflows.flows.ActNorm):
                step.data_dep_init_done = torch.tensor(1.0)
        state = {name: tensor.clone().contiguous() for name, tensor in flow.state_dict().items()}
        flow = flow.net if isinstance(flow, Inside) else flow
        save(folder, name, state, numbers_given(flow) if name.endswith("_context") else numbers(flow))


if __name__ == "__main__":
    torch.manual_seed(1)
    {"glow-pytorch": glows, "normflows-glow": normflows_glows}.get("".join(sys.argv[2:]), main)(Path(sys.argv[1]))
