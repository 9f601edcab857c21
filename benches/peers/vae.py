"""A training step of a VAE on MNIST's shape in PyTorch, by hand; the same work as ../vae.rs.

784-512-20-512-784 with ReLU, pixels binarized anew at each step, log-variances bounded as there, the
analytic divergence, batch 128, fused Adam. `torch` is eager, `torch.compile` compiled.
"""

import json
import sys

import torch
from torch.nn.functional import softplus

from timing import training_step

BATCH, DIMS, HIDDEN, LATENTS, WARM_UP, ROUNDS = 128, 784, 512, 20, 20, 200


class Vae(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.Sequential(
            torch.nn.Linear(DIMS, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, 2 * LATENTS)
        )
        self.decoder = torch.nn.Sequential(
            torch.nn.Linear(LATENTS, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, DIMS)
        )

    def loss(self, levels):
        x = (torch.rand_like(levels) * 255 < levels).float()
        mean, raw = self.encoder(x).chunk(2, 1)
        inner = raw.clamp(-10, 10)
        log_variance = inner + 4 * torch.tanh((raw - inner) / 4)
        z = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
        logits = self.decoder(z)
        log_likelihood = (x * logits - softplus(logits)).sum(1)
        divergence = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum(1)
        return (divergence - log_likelihood).mean()


def main():
    torch.manual_seed(0)
    levels = torch.randint(0, 256, (BATCH, DIMS)).float()
    vae = Vae()
    loss = torch.compile(vae.loss) if "torch.compile" in sys.argv else vae.loss
    adam = torch.optim.Adam(vae.parameters(), lr=1e-3, fused=True)
    print(json.dumps(training_step(lambda: loss(levels), adam, WARM_UP, ROUNDS)))


if __name__ == "__main__":
    main()
