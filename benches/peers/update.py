"""One update of a network of a million numbers, and of many small tensors, in PyTorch; the same work as ../update.rs.

`torch.fused` is one kernel for all of a tensor, `torch.foreach` one for each operation on all tensors.
"""

import json
import statistics
import sys

import torch

from timing import milliseconds

WARM_UP, ROUNDS = 20, 200
SMALL, REPEATED = [128, 512, 16384, 9600], 16


def network():
    net = torch.nn.Sequential(torch.nn.Linear(512, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, 512))
    return list(net.parameters())


def small():
    return [torch.nn.Parameter(torch.randn(numbers)) for _ in range(REPEATED) for numbers in SMALL]


def main():
    torch.manual_seed(0)
    way = {"fused": True} if "torch.fused" in sys.argv else {"foreach": True}
    medians = {}
    for name, parameters, make in [
        ("sgd", network(), lambda p: torch.optim.SGD(p, lr=1e-3, **way)),
        ("momentum", network(), lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9, **way)),
        ("adam", network(), lambda p: torch.optim.Adam(p, lr=1e-3, **way)),
        ("small adam", small(), lambda p: torch.optim.Adam(p, lr=1e-3, **way)),
    ]:
        optimizer = make(parameters)
        times = []
        for _ in range(WARM_UP + ROUNDS):
            for parameter in parameters:
                parameter.grad = parameter.detach() * 0.1
            times.append(milliseconds(optimizer.step)[1])
        medians[name] = statistics.median(times[WARM_UP:])
    medians["burn adam"] = medians["adam"]
    print(json.dumps(medians))


main()
