"""Masked autoregressive flows of given sizes as each library in PyTorch builds them; the work of
../autoregressive.rs.

Affine maps, or splines of 8 bins on [−3, 3], zuko on [−5, 5], whose parameters come from masked networks with two hidden layers.
All compute densities in one pass and samples feature by feature; the networks are without residual blocks.
"""

import torch

from cases import BINS, BOUND


def nflows(style, case):
    from nflows.distributions.normal import StandardNormal
    from nflows.flows.base import Flow
    from nflows.transforms.autoregressive import (
        MaskedAffineAutoregressiveTransform,
        MaskedPiecewiseRationalQuadraticAutoregressiveTransform,
    )
    from nflows.transforms.base import CompositeTransform
    from nflows.transforms.permutations import ReversePermutation

    # A first layer and one block are two hidden layers.
    sizes = {"features": case.features, "hidden_features": case.hidden, "num_blocks": 1, "use_residual_blocks": False}
    steps = []
    for _ in range(case.layers):
        if style == "maf":
            steps.append(MaskedAffineAutoregressiveTransform(**sizes))
        else:
            steps.append(
                MaskedPiecewiseRationalQuadraticAutoregressiveTransform(
                    **sizes, num_bins=BINS, tails="linear", tail_bound=BOUND
                )
            )
        steps.append(ReversePermutation(case.features))
    return Flow(CompositeTransform(steps), StandardNormal([case.features]))


class Normflows(torch.nn.Module):
    """Its affine layer runs the other way, with a pass for each feature in the density, so it is turned round.
    Samples come with their log-densities.
    """

    def __init__(self, style, case):
        super().__init__()
        from normflows import NormalizingFlow
        from normflows.distributions import DiagGaussian
        from normflows.flows import MaskedAffineAutoregressive, Permute
        from normflows.flows.neural_spline.autoregressive import MaskedPiecewiseRationalQuadraticAutoregressive

        class Turned(torch.nn.Module):
            def __init__(self, layer):
                super().__init__()
                self.layer = layer

            def forward(self, z):
                return self.layer.inverse(z)

            def inverse(self, x):
                return self.layer(x)

        sizes = {"hidden_features": case.hidden, "num_blocks": 1, "use_residual_blocks": False}
        flows = []
        for _ in range(case.layers):
            if style == "maf":
                layer = MaskedAffineAutoregressive(case.features, **sizes)
            else:
                layer = MaskedPiecewiseRationalQuadraticAutoregressive(
                    case.features, **sizes, num_bins=BINS, tails="linear", tail_bound=BOUND
                )
            flows += [Turned(layer), Permute(case.features, mode="swap")]
        self.flow = NormalizingFlow(DiagGaussian(case.features, trainable=False), flows)

    def log_prob(self, x):
        return self.flow.log_prob(x)

    def sample(self, count):
        return self.flow.sample(count)[0]


class Zuko(torch.nn.Module):
    def __init__(self, style, case):
        super().__init__()
        from zuko.flows import MAF, NSF

        sizes = {"transforms": case.layers, "hidden_features": [case.hidden] * 2}
        self.flow = MAF(case.features, **sizes) if style == "maf" else NSF(case.features, bins=BINS, **sizes)

    def log_prob(self, x):
        return self.flow().log_prob(x)

    def sample(self, count):
        return self.flow().sample((count,))


FLOWS = {"nflows": nflows, "normflows": Normflows, "zuko": Zuko}
