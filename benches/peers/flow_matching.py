"""Flow matching of 2 and of 6 features, networks of 3×128: the same work as ../flow_matching.rs.

`torch` is PyTorch by hand with torchdiffeq, `torch.compile` the same with a compiled field and no densities, whose
derivatives it does not compile; `zuko` its continuous flow, trained by the same loss. After the training
steps: 10,000 samples by 8 steps of order 4 and by Dormand and Prince's method at tolerance 1e-5, and 1,000 exact
densities by the latter. A line before the last has the evaluations of the field.
"""

import json
import math
import sys

import numpy
import torch

from moons import moons
from timing import repeated, training_step

HIDDEN, BATCH, SAMPLES, POINTS, STEPS, TOLERANCE = 128, 512, 10_000, 1000, 8, 1e-5
WARM_UP, ROUNDS, LONG_WARM_UP, LONG_ROUNDS, PATIENCE = 20, 200, 2, 10, 20.0


def data(features, count):
    """Two moons in each pair of features."""
    pairs = [moons(count, seed) for seed in range(features // 2)]
    return torch.from_numpy(numpy.concatenate(pairs, 1))


class Field(torch.nn.Module):
    """The velocity at a time, which the network sees as three sines and cosines."""

    def __init__(self, features):
        super().__init__()
        self.register_buffer("frequencies", math.pi * torch.arange(1, 4))
        layers, width = [], features + 6
        for _ in range(3):
            layers += [torch.nn.Linear(width, HIDDEN), torch.nn.SiLU()]
            width = HIDDEN
        self.net = torch.nn.Sequential(*layers, torch.nn.Linear(width, features))

    def forward(self, t, x):
        angles = self.frequencies * t[..., None]
        times = torch.cat([angles.cos(), angles.sin()], -1).expand(*x.shape[:-1], 6)
        return self.net(torch.cat([x, times], -1))


def loss(velocity, x):
    """The squared distance to the velocity of straight paths from noise, at time 0, to data."""
    t, noise = torch.rand(len(x)), torch.randn_like(x)
    between = t[:, None] * x + (1 - t[:, None]) * noise
    return (velocity(t, between) - (x - noise)).square().sum(1).mean()


class Torch:
    def __init__(self, features, ready):
        self.features, self.field, self.evaluations = features, Field(features), 0
        self.run = ready(self.field)

    def velocity(self, t, x):
        self.evaluations += 1
        return self.run(t, x)

    def parameters(self):
        return self.field.parameters()

    def sample(self, count, **integration):
        from torchdiffeq import odeint

        noise = torch.randn(count, self.features)
        return odeint(self.velocity, noise, torch.tensor([0.0, 1.0]), **integration)[-1]

    def fixed(self):
        return self.sample(SAMPLES, method="rk4", options={"step_size": 1 / STEPS})

    def adaptive(self):
        return self.sample(SAMPLES, method="dopri5", rtol=TOLERANCE, atol=TOLERANCE)

    def augmented(self, t, state):
        x, _ = state
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            velocity = self.velocity(t, x)
            divergence = sum(
                torch.autograd.grad(velocity[:, i].sum(), x, retain_graph=True)[0][:, i]
                for i in range(self.features)
            )
        return velocity.detach(), divergence.detach()

    def log_prob(self, x):
        from torchdiffeq import odeint

        start, times = (x, torch.zeros(len(x))), torch.tensor([1.0, 0.0])
        z, change = odeint(self.augmented, start, times, method="dopri5", rtol=TOLERANCE, atol=TOLERANCE)
        return -0.5 * (z[-1].square() + math.log(2 * math.pi)).sum(1) + change[-1]


class Zuko:
    """Its time runs from data to noise."""

    fixed = None

    def __init__(self, features):
        from zuko.flows import CNF

        layers = {"hidden_features": [HIDDEN] * 3, "activation": torch.nn.SiLU}
        self.flow, self.evaluations = CNF(features, atol=TOLERANCE, rtol=TOLERANCE, **layers), 0
        self.flow.transform.ode.register_forward_hook(self.count)

    def count(self, *_):
        self.evaluations += 1

    def velocity(self, t, x):
        return -self.flow.transform.f(1 - t, x)

    def parameters(self):
        return self.flow.parameters()

    def adaptive(self):
        return self.flow().sample((SAMPLES,))

    def log_prob(self, x):
        return self.flow().log_prob(x)


def measured(peer, features):
    torch.manual_seed(0)
    model = Zuko(features) if peer == "zuko" else Torch(features, torch.compile if "compile" in peer else lambda f: f)
    batch, points = data(features, BATCH), data(features, POINTS)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    times = {"step": training_step(lambda: loss(model.velocity, batch), adam, WARM_UP, ROUNDS)["step"]}
    if peer == "zuko":
        model.flow.eval()
    works = {"sample rk4": model.fixed, "sample": model.adaptive, "log_prob": lambda: model.log_prob(points)}
    if peer == "torch.compile":
        del works["log_prob"]
    evaluations = {}
    with torch.no_grad():
        for part, work in works.items():
            if work:
                model.evaluations = 0
                work()
                evaluations[part] = model.evaluations
                times[part] = repeated(work, LONG_WARM_UP, LONG_ROUNDS, PATIENCE)
    print(f"evaluations, {features} features: {evaluations}")
    return {f"fm{features} {part}": ms for part, ms in times.items()}


def main():
    peer = sys.argv[1] if len(sys.argv) > 1 else "torch"
    print(json.dumps(measured(peer, 2) | measured(peer, 6)))


main()
