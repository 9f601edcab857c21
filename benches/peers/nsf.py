"""Neural spline coupling flows on 6 and 43 features: the same work as ../nsf.rs by the peer that is named, `zuko`
unless said.
"""

import json
import sys

import numpy

from cases import SPLINES


def by_torch(peer, case, data):
    import torch

    import timed_torch
    from spline import FLOWS

    torch.manual_seed(0)
    flow = FLOWS[peer](case)
    many = timed_torch.medians(flow, case, data)
    return many, timed_torch.one_point(flow, torch.from_numpy(data(1)))


def by_jax(case, data):
    import jax

    import timed_jax
    from spline_jax import build

    flow = build(case, jax.random.key(0))
    many = timed_jax.medians(flow, case, data)
    return many, timed_jax.one_point(flow, jax.numpy.asarray(data(1)))


def main():
    peer = sys.argv[1] if len(sys.argv) > 1 else "zuko"
    medians = {}
    for case in SPLINES:

        def normal(count):
            return numpy.random.default_rng(0).standard_normal((count, case.features), dtype=numpy.float32)

        run = by_jax(case, normal) if peer == "flowjax" else by_torch(peer, case, normal)
        for suffix, parts in zip(["", " 1"], run):
            medians |= {f"nsf{case.features} {part}{suffix}": ms for part, ms in parts.items()}
    print(json.dumps(medians))


main()
