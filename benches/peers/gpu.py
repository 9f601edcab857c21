"""The work of ../gpu.rs in eager PyTorch by hand, on the first GPU: one JSON object of medians in milliseconds."""

import json
import math
import statistics
import time

import torch
from torch.nn.functional import softmax, softplus

from cases import BINS, BOUND, POINTS, TABULAR
from glow32 import Glow
from realnvp import ByHand, mlp
from vae import Vae

WARM_UP, ROUNDS = 5, 20
SPLINES = 8  # couplings
LEAST_WIDTH = LEAST_SLOPE = 1e-3


def spline(x, raw, inverse=False):
    """The rational-quadratic spline of Durkan and others, 2019, and its log-slope: the identity outside of its bound."""
    widths, heights, slopes = raw.split([BINS, BINS, BINS - 1], -1)

    def knots(sizes):
        sizes = LEAST_WIDTH + (1 - LEAST_WIDTH * BINS) * softmax(sizes, -1)
        inner = sizes.cumsum(-1)[..., :-1] * 2 * BOUND - BOUND
        return torch.nn.functional.pad(torch.nn.functional.pad(inner, (1, 0), value=-BOUND), (0, 1), value=BOUND)

    across, up = knots(widths), knots(heights)
    slopes = torch.nn.functional.pad(LEAST_SLOPE + softplus(slopes), (1, 1), value=1.0)
    inside = (x > -BOUND) & (x < BOUND)
    at = x.clamp(-BOUND, BOUND)
    bin = torch.searchsorted(up if inverse else across, at[..., None], right=True).clamp(1, BINS) - 1

    def take(values, offset=0):
        return values.gather(-1, bin + offset).squeeze(-1)

    left, low = take(across), take(up)
    width, height = take(across, 1) - left, take(up, 1) - low
    first, last = take(slopes), take(slopes, 1)
    mean = height / width
    bend = first + last - 2 * mean
    if inverse:
        rise = at - low
        a = height * (mean - first) + rise * bend
        b = height * first - rise * bend
        c = -mean * rise
        t = 2 * c / (-b - (b * b - 4 * a * c).clamp(min=0).sqrt())
        value = t * width + left
    else:
        t = (at - left) / width
        value = low + height * (mean * t * t + first * t * (1 - t)) / (mean + bend * t * (1 - t))
    below = mean + bend * t * (1 - t)
    slope = mean * mean * (last * t * t + 2 * mean * t * (1 - t) + first * (1 - t) ** 2) / (below * below)
    log_slope = slope.log() if not inverse else -slope.log()
    return torch.where(inside, value, x), torch.where(inside, log_slope, 0.0)


class Splines(torch.nn.Module):
    """Couplings whose halves take turns."""

    def __init__(self, features, couplings, hidden):
        super().__init__()
        first = features // 2
        self.sizes = [first, features - first]
        halves = [self.sizes if index % 2 == 0 else self.sizes[::-1] for index in range(couplings)]
        self.nets = torch.nn.ModuleList(mlp(kept, hidden, (3 * BINS - 1) * moved) for kept, moved in halves)

    def step(self, index, parts, inverse):
        kept, moved = index % 2, 1 - index % 2
        raw = self.nets[index](parts[kept]).unflatten(1, (self.sizes[moved], 3 * BINS - 1))
        parts[moved], log_slope = spline(parts[moved], raw, inverse)
        return log_slope.sum(1)

    def log_prob(self, x):
        parts = list(x.split(self.sizes, 1))
        log_det = sum(self.step(index, parts, False) for index in range(len(self.nets)))
        z = torch.cat(parts, 1)
        return -0.5 * (z * z).sum(1) - 0.5 * sum(self.sizes) * math.log(2 * math.pi) + log_det

    def sample(self, count):
        parts = list(torch.randn(count, sum(self.sizes)).split(self.sizes, 1))
        for index in reversed(range(len(self.nets))):
            self.step(index, parts, True)
        return torch.cat(parts, 1)


def median(work):
    """Of the milliseconds of a piece of work, awaited."""
    times = []
    for _ in range(WARM_UP + ROUNDS):
        torch.cuda.synchronize()
        start = time.perf_counter()
        work()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[WARM_UP:])


def figures(name, model, loss, log_prob, sample):
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def step():
        value = loss()
        adam.zero_grad()
        value.backward()
        adam.step()

    found = {f"{name} step": median(step)}
    with torch.inference_mode():
        if isinstance(model, Glow):
            for steps in model.scales:
                for one in steps:
                    one.keep_inverse()
        found[f"{name} log_prob"] = median(lambda: log_prob().cpu())
        found[f"{name} sample"] = median(lambda: sample().cpu())
    return found


def main():
    torch.set_default_device("cuda")
    torch.manual_seed(0)
    batch, points = torch.randn(TABULAR.batch, TABULAR.features), torch.randn(POINTS, TABULAR.features)
    found = {}
    for name, flow in [("RealNVP", ByHand(TABULAR)), ("NSF", Splines(TABULAR.features, SPLINES, 128))]:
        found |= figures(
            name, flow, lambda: -flow.log_prob(batch).mean(), lambda: flow.log_prob(points), lambda: flow.sample(POINTS)
        )
    glow, images = Glow(8, 128), torch.randint(0, 256, (16, 3, 32, 32)).float()
    found |= figures(
        "Glow", glow, lambda: -glow.log_prob(images).mean(), lambda: glow.log_prob(images), lambda: glow.sample(16)
    )
    vae, digits = Vae(), torch.randint(0, 256, (128, 784)).float()

    def draw():
        return vae.decoder(torch.randn(128, 20)).sigmoid()

    found |= figures("VAE", vae, lambda: vae.loss(digits), lambda: vae.loss(digits), draw)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
