"""One training step of NICE on MNIST's shape in eager PyTorch: 4 couplings of 5×1000, batch 128, Adam.

The same work as ../nice_step.rs: uniform noise, standardization, couplings that alternate between even
and odd positions, diagonal scale, logistic prior. `--foreach` takes PyTorch's default Adam in place of
the fused one, which is the faster.
"""

import json
import sys

import torch

from timing import training_step

BATCH, DIMS, WARM_UP, ROUNDS = 128, 784, 5, 30


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

    def loss(self, levels):
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
        return -(log_base + self.log_scale.sum() - self.log_deviation.sum()).mean()


def main():
    torch.manual_seed(0)
    levels = torch.randint(0, 256, (BATCH, DIMS)).float()
    nice = Nice(levels)
    kind = {"foreach": True} if "--foreach" in sys.argv else {"fused": True}
    adam = torch.optim.Adam(nice.parameters(), lr=1e-3, **kind)
    print(json.dumps(training_step(lambda: nice.loss(levels), adam, WARM_UP, ROUNDS)))


main()
