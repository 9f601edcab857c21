"""RealNVP on two moons in eager PyTorch: 8 affine couplings with MLPs of 2×128, batch 512, fused Adam.

The same work as ../toy2d.rs: halves that take turns, softly bounded scales, a training step in three
parts, the density of 10,000 points and 10,000 samples.
"""

import json
import math

import torch

from timing import repeated, training_step

BATCH, POINTS = 512, 10_000
WARM_UP, ROUNDS, LONG_WARM_UP, LONG_ROUNDS = 20, 200, 3, 20
BOUND = 4.0


def mlp():
    last = torch.nn.Linear(128, 2)
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.zeros_(last.bias)
    return torch.nn.Sequential(
        torch.nn.Linear(1, 128), torch.nn.ReLU(), torch.nn.Linear(128, 128), torch.nn.ReLU(), last
    )


class RealNvp(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.nets = torch.nn.ModuleList(mlp() for _ in range(8))

    def shift_and_log_scale(self, index, kept):
        shift, raw = self.nets[index](kept).chunk(2, 1)
        return shift, raw / (1 + raw.abs() / BOUND)

    def log_prob(self, x):
        parts = list(x.chunk(2, 1))
        log_det = 0
        for index in range(8):
            kept, moved = index % 2, 1 - index % 2
            shift, log_scale = self.shift_and_log_scale(index, parts[kept])
            parts[moved] = parts[moved] * log_scale.exp() + shift
            log_det = log_det + log_scale.sum(1)
        z = torch.cat(parts, 1)
        return -0.5 * (z * z).sum(1) - math.log(2 * math.pi) + log_det

    def sample(self, count):
        parts = list(torch.randn(count, 2).chunk(2, 1))
        for index in reversed(range(8)):
            kept, moved = index % 2, 1 - index % 2
            shift, log_scale = self.shift_and_log_scale(index, parts[kept])
            parts[moved] = (parts[moved] - shift) * (-log_scale).exp()
        return torch.cat(parts, 1)


def moons(count):
    angle = math.pi * torch.rand(count)
    upper = torch.rand(count) < 0.5
    x = torch.where(upper, angle.cos(), 1 - angle.cos())
    y = torch.where(upper, angle.sin(), 0.5 - angle.sin())
    return torch.stack([x, y], 1) + 0.1 * torch.randn(count, 2)


def main():
    torch.manual_seed(0)
    flow, batch = RealNvp(), moons(BATCH)
    adam = torch.optim.Adam(flow.parameters(), lr=2e-3, fused=True)
    medians = training_step(lambda: -flow.log_prob(batch).mean(), adam, WARM_UP, ROUNDS)
    points = moons(POINTS)
    with torch.inference_mode():
        for part, work in [("log_prob", lambda: flow.log_prob(points)), ("sample", lambda: flow.sample(POINTS))]:
            medians[part] = repeated(work, LONG_WARM_UP, LONG_ROUNDS)
    print(json.dumps(medians))


if __name__ == "__main__":
    main()
