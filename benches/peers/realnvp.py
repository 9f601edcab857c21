"""RealNVP of given sizes as each library builds it, and what is timed; the same work as ../realnvp.rs.

Affine couplings with two hidden layers, whose halves take turns. Where a library takes any network it
gets the one of this file; the scale map is the library's own. `torch` is eager PyTorch by hand without a
library, `torch.compile` the same, compiled. Each is a module with `log_prob(points)` and `sample(count)`.
"""

import math

import torch

import timed_torch

BOUND = 4.0


def mlp(inputs, hidden, outputs):
    last = torch.nn.Linear(hidden, outputs)
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.zeros_(last.bias)
    return torch.nn.Sequential(
        torch.nn.Linear(inputs, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, hidden), torch.nn.ReLU(), last
    )


class ByHand(torch.nn.Module):
    def __init__(self, case):
        super().__init__()
        first = case.features // 2
        self.sizes = [first, case.features - first]
        self.constant = -0.5 * case.features * math.log(2 * math.pi)
        halves = [self.sizes if index % 2 == 0 else self.sizes[::-1] for index in range(case.layers)]
        self.nets = torch.nn.ModuleList(mlp(kept, case.hidden, 2 * moved) for kept, moved in halves)

    def shift_and_log_scale(self, index, kept):
        shift, raw = self.nets[index](kept).chunk(2, 1)
        return shift, raw / (1 + raw.abs() / BOUND)

    def log_prob(self, x):
        parts = list(x.split(self.sizes, 1))
        log_det = 0
        for index in range(len(self.nets)):
            kept, moved = index % 2, 1 - index % 2
            shift, log_scale = self.shift_and_log_scale(index, parts[kept])
            parts[moved] = parts[moved] * log_scale.exp() + shift
            log_det = log_det + log_scale.sum(1)
        z = torch.cat(parts, 1)
        return -0.5 * (z * z).sum(1) + self.constant + log_det

    def sample(self, count):
        parts = list(torch.randn(count, sum(self.sizes)).split(self.sizes, 1))
        for index in reversed(range(len(self.nets))):
            kept, moved = index % 2, 1 - index % 2
            shift, log_scale = self.shift_and_log_scale(index, parts[kept])
            parts[moved] = (parts[moved] - shift) * (-log_scale).exp()
        return torch.cat(parts, 1)


def nflows(case):
    """Its only bound on an affine scale, σ(s + 2)."""
    from nflows.distributions.normal import StandardNormal
    from nflows.flows.base import Flow
    from nflows.transforms.base import CompositeTransform
    from nflows.transforms.coupling import AffineCouplingTransform

    class Net(torch.nn.Module):
        def __init__(self, inputs, outputs):
            super().__init__()
            self.net = mlp(inputs, case.hidden, outputs)

        def forward(self, x, context=None):
            return self.net(x)

    # A mask is positive where a feature moves.
    second = [float(feature >= case.features // 2) for feature in range(case.features)]
    masks = [second, [1 - moves for moves in second]]
    couplings = [AffineCouplingTransform(masks[index % 2], Net) for index in range(case.layers)]
    return Flow(CompositeTransform(couplings), StandardNormal([case.features]))


class Normflows(torch.nn.Module):
    """The plain exponential, the cheapest of its scale maps. Samples come with their log-densities."""

    def __init__(self, case):
        super().__init__()
        from normflows import NormalizingFlow
        from normflows.distributions import DiagGaussian
        from normflows.flows import AffineCouplingBlock, Permute

        moved = case.features // 2
        flows = []
        for _ in range(case.layers):
            net = mlp(case.features - moved, case.hidden, 2 * moved)
            flows += [AffineCouplingBlock(net), Permute(case.features, mode="swap")]
        self.flow = NormalizingFlow(DiagGaussian(case.features, trainable=False), flows)

    def log_prob(self, x):
        return self.flow.log_prob(x)

    def sample(self, count):
        return self.flow.sample(count)[0]


class Zuko(torch.nn.Module):
    """Even and odd features in place of halves, which is what its RealNVP has."""

    def __init__(self, case):
        super().__init__()
        from zuko.flows import RealNVP

        self.flow = RealNVP(case.features, transforms=case.layers, hidden_features=[case.hidden] * 2)

    def log_prob(self, x):
        return self.flow().log_prob(x)

    def sample(self, count):
        return self.flow().sample((count,))


class Freia(torch.nn.Module):
    """Its block of one network for shift and scale is two couplings, one a half."""

    def __init__(self, case):
        super().__init__()
        from FrEIA.framework import SequenceINN
        from FrEIA.modules import GLOWCouplingBlock

        self.features = case.features
        self.constant = -0.5 * case.features * math.log(2 * math.pi)
        self.flow = SequenceINN(case.features)
        for _ in range(case.layers // 2):
            self.flow.append(
                GLOWCouplingBlock, subnet_constructor=lambda inputs, outputs: mlp(inputs, case.hidden, outputs)
            )

    def log_prob(self, x):
        z, log_det = self.flow(x)
        return -0.5 * (z * z).sum(1) + self.constant + log_det

    def sample(self, count):
        return self.flow(torch.randn(count, self.features), rev=True, jac=False)[0]


FLOWS = {
    "torch": ByHand,
    "torch.compile": ByHand,
    "nflows": nflows,
    "normflows": Normflows,
    "zuko": Zuko,
    "FrEIA": Freia,
}


def compiled(peer):
    """What functions of this peer go through before they are called."""
    return torch.compile if peer == "torch.compile" else lambda work: work


def medians(peer, case, data):
    """Training step, density of 10,000 points and 10,000 samples; `data` makes a given number of points."""
    torch.manual_seed(0)
    return timed_torch.medians(FLOWS[peer](case), case, data, compiled(peer))
