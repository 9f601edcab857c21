"""Glow on 16 colour images of 32 × 32 in PyTorch, fused Adam: the same work as ../glow32.rs.

3 scales of actnorm, PLU 1×1 convolution and affine coupling of scale σ(s + 2), a conditional prior where
half of the channels leave. `torch` is eager, `torch.channels_last` eager with that memory format,
`torch.compile` and `torch.compile.channels_last` the same two compiled, which takes minutes at first.
"""

import json
import math
import sys

import torch
from torch.nn.functional import conv2d, logsigmoid, pixel_shuffle, pixel_unshuffle

from timing import repeated, training_step

BATCH, WARM_UP, ROUNDS = 16, 3, 15
HALF_LN_TAU = 0.5 * math.log(2 * math.pi)


def zero(conv):
    torch.nn.init.zeros_(conv.weight)
    torch.nn.init.zeros_(conv.bias)
    return conv


def conv3(inputs, outputs):
    return torch.nn.Conv2d(inputs, outputs, 3, padding=1)


class Step(torch.nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.mean = torch.nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.log_scale = torch.nn.Parameter(torch.zeros(1, channels, 1, 1))
        q, _ = torch.linalg.qr(torch.randn(channels, channels))
        order, lower, upper = torch.linalg.lu(q)
        self.register_buffer("order", order)
        self.register_buffer("sign", upper.diagonal().sign())
        self.register_buffer("eye", torch.eye(channels))
        self.lower = torch.nn.Parameter(lower.tril(-1))
        self.upper = torch.nn.Parameter(upper.triu(1))
        self.log_diagonal = torch.nn.Parameter(upper.diagonal().abs().log())
        half = channels // 2
        self.net = torch.nn.Sequential(
            conv3(half, hidden), torch.nn.ReLU(), torch.nn.Conv2d(hidden, hidden, 1), torch.nn.ReLU(),
            zero(conv3(hidden, 2 * half)),
        )

    def weight(self):
        lower = self.lower.tril(-1) + self.eye
        upper = self.upper.triu(1) + torch.diag(self.sign * self.log_diagonal.exp())
        return self.order @ lower @ upper

    def keep_inverse(self):
        self.inverse_weight = self.weight().double().inverse().float()[:, :, None, None]

    def forward(self, x):
        positions = x.shape[2] * x.shape[3]
        x = (x - self.mean) * self.log_scale.exp()
        x = conv2d(x, self.weight()[:, :, None, None])
        a, b = x.chunk(2, 1)
        shift, raw = self.net(a).chunk(2, 1)
        log_scale = logsigmoid(raw + 2)
        z = torch.cat([a, b * log_scale.exp() + shift], 1)
        return z, positions * (self.log_scale.sum() + self.log_diagonal.sum()) + log_scale.sum((1, 2, 3))

    def inverse(self, z):
        a, b = z.chunk(2, 1)
        shift, raw = self.net(a).chunk(2, 1)
        x = torch.cat([a, (b - shift) * (-logsigmoid(raw + 2)).exp()], 1)
        return conv2d(x, self.inverse_weight) * (-self.log_scale).exp() + self.mean


class Glow(torch.nn.Module):
    def __init__(self, depth, hidden):
        super().__init__()
        scales, priors, channels = [], [], 3
        for scale in range(3):
            channels *= 4
            scales.append(torch.nn.ModuleList(Step(channels, hidden) for _ in range(depth)))
            if scale < 2:
                channels //= 2
                priors.append(zero(conv3(channels, 2 * channels)))
        self.scales, self.priors = torch.nn.ModuleList(scales), torch.nn.ModuleList(priors)
        self.top_mean = torch.nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.top_log_scale = torch.nn.Parameter(torch.zeros(1, channels, 1, 1))

    def log_prob(self, levels):
        x = (levels + torch.rand_like(levels)) / 256 - 0.5
        total = 0
        for scale, steps in enumerate(self.scales):
            x = pixel_unshuffle(x, 2)
            for step in steps:
                x, log_det = step(x)
                total = total + log_det
            if scale < 2:
                x, leaves = x.chunk(2, 1)
                shift, raw = self.priors[scale](x).chunk(2, 1)
                log_scale = raw / (1 + raw.abs() / 4)
                leaves = leaves * log_scale.exp() + shift
                total = total + log_scale.sum((1, 2, 3)) - (0.5 * leaves**2 + HALF_LN_TAU).sum((1, 2, 3))
        z = (x - self.top_mean) * self.top_log_scale.exp()
        top = self.top_log_scale.sum() * z.shape[2] * z.shape[3]
        return total + top - (0.5 * z**2 + HALF_LN_TAU).sum((1, 2, 3))

    def sample(self, count):
        x = torch.randn(count, self.top_mean.shape[1], 4, 4) * 0.7
        x = x * (-self.top_log_scale).exp() + self.top_mean
        for scale in reversed(range(3)):
            if scale < 2:
                shift, raw = self.priors[scale](x).chunk(2, 1)
                log_scale = raw / (1 + raw.abs() / 4)
                leaves = (torch.randn_like(x) * 0.7 - shift) * (-log_scale).exp()
                x = torch.cat([x, leaves], 1)
            for step in reversed(self.scales[scale]):
                x = step.inverse(x)
            x = pixel_shuffle(x, 2)
        return x + 0.5


def measure(name, depth, hidden, memory_format, ready):
    torch.manual_seed(0)
    glow = Glow(depth, hidden).to(memory_format=memory_format)
    levels = torch.randint(0, 256, (BATCH, 3, 32, 32)).float().to(memory_format=memory_format)
    adam = torch.optim.Adam(glow.parameters(), lr=1e-3, fused=True)
    training = training_step(ready(lambda: -glow.log_prob(levels).mean()), adam, WARM_UP, ROUNDS)
    medians = {f"{name} step": training["step"], f"{name} forward": training["forward"]}
    with torch.inference_mode():
        for steps in glow.scales:
            for step in steps:
                step.keep_inverse()
        for part, work in [
            ("log_prob", lambda: glow.log_prob(levels)),
            ("sample", lambda: glow.sample(BATCH)),
            ("sample 1", lambda: glow.sample(1)),
        ]:
            medians[f"{name} {part}"] = repeated(ready(work), WARM_UP, ROUNDS)
    return medians


def main():
    peer = sys.argv[1] if len(sys.argv) > 1 else "torch.channels_last"
    memory_format = torch.channels_last if peer.endswith("channels_last") else torch.contiguous_format
    ready = torch.compile if peer.startswith("torch.compile") else lambda work: work
    result = {}
    for name, depth, hidden in [("k8", 8, 128), ("k4", 4, 512)]:
        result |= measure(name, depth, hidden, memory_format, ready)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
