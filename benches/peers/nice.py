"""NICE on MNIST's shape in PyTorch, by hand: 4 couplings of 5×1000; the same work as ../nice.rs.

A training step of 128 with fused Adam, the density of 128 images and 64 samples: uniform noise,
standardization, couplings that alternate between even and odd positions, diagonal scale, logistic prior.
`torch` is eager, `torch.compile` compiled.
"""

import json
import sys

import torch

from timing import repeated, training_step

BATCH, SAMPLES, DIMS, WARM_UP, ROUNDS = 128, 64, 784, 5, 30


def mlp():
    widths = [DIMS // 2] + [1000] * 5
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(1000, DIMS // 2))


class Nice(torch.nn.Module):
    def __init__(self, levels):
        super().__init__()
        self.nets = torch.nn.ModuleList(mlp() for _ in range(4))
        self.log_scale = torch.nn.Parameter(torch.zeros(DIMS))
        unit = levels / 256
        self.register_buffer("mean", unit.mean(0))
        self.register_buffer("log_deviation", unit.std(0).log())

    def log_prob(self, levels):
        unit = (levels + torch.rand_like(levels)) / 256
        x = (unit - self.mean) * torch.exp(-self.log_deviation)
        even, odd = x[:, 0::2], x[:, 1::2]
        for index, net in enumerate(self.nets):
            if index % 2 == 0:
                odd = odd + net(even)
            else:
                even = even + net(odd)
        z = torch.stack([even, odd], 2).flatten(1) * self.log_scale.exp()
        size = z.abs()
        log_base = -(size + 2 * torch.log1p(torch.exp(-size))).sum(1)
        return log_base + self.log_scale.sum() - self.log_deviation.sum()

    def sample(self, count):
        u = torch.rand(count, DIMS).clamp(1e-7, 1 - 1e-7)
        x = (u.log() - (-u).log1p()) * torch.exp(-self.log_scale)
        even, odd = x[:, 0::2], x[:, 1::2]
        for index, net in reversed(list(enumerate(self.nets))):
            if index % 2 == 0:
                odd = odd - net(even)
            else:
                even = even - net(odd)
        return torch.stack([even, odd], 2).flatten(1) * self.log_deviation.exp() + self.mean


def main():
    torch.manual_seed(0)
    levels = torch.randint(0, 256, (BATCH, DIMS)).float()
    nice = Nice(levels)
    ready = torch.compile if "torch.compile" in sys.argv else lambda work: work
    adam = torch.optim.Adam(nice.parameters(), lr=1e-3, fused=True)
    medians = training_step(ready(lambda: -nice.log_prob(levels).mean()), adam, WARM_UP, ROUNDS)
    with torch.inference_mode():
        for part, work in [("log_prob", lambda: nice.log_prob(levels)), ("sample", lambda: nice.sample(SAMPLES))]:
            medians[part] = repeated(ready(work), WARM_UP, ROUNDS)
    print(json.dumps(medians))


main()
