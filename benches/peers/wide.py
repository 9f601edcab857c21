"""RealNVP on 1,024 features with a linear map of triangular factors before each coupling: the same work as the
training step of ../wide.rs by the peer that is named, `zuko` unless said.
"""

import json
import sys

import numpy
import torch

from cases import WIDE
from realnvp import mlp
from timing import training_step


def zuko(case):
    """`L U` of one learned matrix behind a random order, and couplings of even and odd features: the parts that it
    has.
    """
    from zuko.distributions import DiagNormal
    from zuko.flows import Flow, UnconditionalDistribution, UnconditionalTransform
    from zuko.flows.coupling import GeneralCouplingTransform
    from zuko.transforms import LULinearTransform, PermutationTransform

    transforms = []
    for index in range(case.layers):
        order = torch.randperm(case.features)
        mask = torch.arange(case.features) % 2 == index % 2
        transforms += [
            UnconditionalTransform(PermutationTransform, order, buffer=True),
            UnconditionalTransform(LULinearTransform, torch.eye(case.features)),
            GeneralCouplingTransform(case.features, 0, mask, hidden_features=[case.hidden] * 2),
        ]
    mean, deviation = torch.zeros(case.features), torch.ones(case.features)
    flow = Flow(transforms, UnconditionalDistribution(DiagNormal, mean, deviation, buffer=True))
    return flow, lambda x: flow().log_prob(x)


def normflows(case):
    """`LULinearPermute`, the factors one after the other behind a random order, which its spline flows have."""
    from normflows import NormalizingFlow
    from normflows.distributions import DiagGaussian
    from normflows.flows import AffineCouplingBlock, LULinearPermute, Permute

    flows = []
    for _ in range(case.layers):
        net = mlp(case.features - case.features // 2, case.hidden, 2 * (case.features // 2))
        flows += [LULinearPermute(case.features), AffineCouplingBlock(net), Permute(case.features, mode="swap")]
    flow = NormalizingFlow(DiagGaussian(case.features, trainable=False), flows)
    return flow, flow.log_prob


def nflows(case):
    """`LULinear`, the factors one after the other behind a random order."""
    from nflows.distributions.normal import StandardNormal
    from nflows.flows.base import Flow
    from nflows.transforms.base import CompositeTransform
    from nflows.transforms.coupling import AffineCouplingTransform
    from nflows.transforms.lu import LULinear
    from nflows.transforms.permutations import RandomPermutation

    class Net(torch.nn.Module):
        def __init__(self, inputs, outputs):
            super().__init__()
            self.net = mlp(inputs, case.hidden, outputs)

        def forward(self, x, context=None):
            return self.net(x)

    steps = []
    for index in range(case.layers):
        mask = [float((feature >= case.features // 2) == (index % 2 == 0)) for feature in range(case.features)]
        order, linear = RandomPermutation(case.features), LULinear(case.features, identity_init=True)
        steps += [order, linear, AffineCouplingTransform(mask, Net)]
    flow = Flow(CompositeTransform(steps), StandardNormal([case.features]))
    return flow, flow.log_prob


FLOWS = {"zuko": zuko, "normflows": normflows, "nflows": nflows}


def main():
    torch.manual_seed(0)
    flow, log_prob = FLOWS[sys.argv[1] if len(sys.argv) > 1 else "zuko"](WIDE)
    batch = numpy.random.default_rng(0).standard_normal((WIDE.batch, WIDE.features), dtype=numpy.float32)
    batch = torch.from_numpy(batch)
    adam = torch.optim.Adam(flow.parameters(), lr=1e-3, fused=True)
    times = training_step(lambda: -log_prob(batch).mean(), adam, WIDE.warm_up, WIDE.rounds)
    print(json.dumps({f"{WIDE.features} {part}": ms for part, ms in times.items()}))


main()
