"""Neural spline coupling flows of given sizes as each library in PyTorch builds them; the work of ../nsf.rs.

Splines of 8 bins on [−3, 3], zuko on [−5, 5], whose parameters come from networks with two hidden layers. The halves of the
features take turns; with zuko the even and the odd ones. The flow of ../nsf.rs has a PLU map in front of each coupling,
which these have not.
"""

import torch

from cases import BINS, BOUND
from realnvp import mlp


class Net(torch.nn.Module):
    """The network of a coupling, which the libraries call with a context too."""

    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.net = mlp(inputs, hidden, outputs)

    def forward(self, x, context=None):
        return self.net(x)


def couplings(coupling, case):
    """One for each layer. A mask is positive where a feature moves."""
    second = (torch.arange(case.features) >= case.features // 2).float()
    masks = [second, 1 - second]
    net = lambda inputs, outputs: Net(inputs, case.hidden, outputs)
    splines = {"num_bins": BINS, "tails": "linear", "tail_bound": BOUND}
    return [coupling(masks[layer % 2], net, **splines) for layer in range(case.layers)]


def nflows(case):
    from nflows.distributions.normal import StandardNormal
    from nflows.flows.base import Flow
    from nflows.transforms.base import CompositeTransform
    from nflows.transforms.coupling import PiecewiseRationalQuadraticCouplingTransform

    layers = couplings(PiecewiseRationalQuadraticCouplingTransform, case)
    return Flow(CompositeTransform(layers), StandardNormal([case.features]))


class Normflows(torch.nn.Module):
    """Its `CoupledRationalQuadraticSpline` has a residual network; this is the coupling in it, with a plain one.
    Samples come with their log-densities.
    """

    def __init__(self, case):
        super().__init__()
        from normflows import NormalizingFlow
        from normflows.distributions import DiagGaussian
        from normflows.flows import Flow
        from normflows.flows.neural_spline.coupling import PiecewiseRationalQuadraticCoupling

        class Layer(Flow):
            def __init__(self, coupling):
                super().__init__()
                self.coupling = coupling

            def forward(self, z):
                y, log_det = self.coupling.inverse(z)
                return y, log_det.view(-1)

            def inverse(self, x):
                z, log_det = self.coupling(x)
                return z, log_det.view(-1)

        layers = couplings(PiecewiseRationalQuadraticCoupling, case)
        base = DiagGaussian(case.features, trainable=False)
        self.flow = NormalizingFlow(base, [Layer(layer) for layer in layers])

    def log_prob(self, x):
        return self.flow.log_prob(x)

    def sample(self, count):
        return self.flow.sample(count)[0]


class Zuko(torch.nn.Module):
    """Two passes are a coupling."""

    def __init__(self, case):
        super().__init__()
        from zuko.flows import NSF

        sizes = {"transforms": case.layers, "hidden_features": [case.hidden] * 2}
        self.flow = NSF(case.features, bins=BINS, passes=2, **sizes)

    def log_prob(self, x):
        return self.flow().log_prob(x)

    def sample(self, count):
        return self.flow().sample((count,))


FLOWS = {"nflows": nflows, "normflows": Normflows, "zuko": Zuko}
