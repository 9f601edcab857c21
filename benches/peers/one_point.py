"""One point at a time: the flow of toy2d.py by the peer that is named, one log-density, one sample, and the
time from the start of a process to the first sample of a saved model. PyTorch on one thread, which is
faster here.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from cases import TWO_MOONS
from timing import repeated

STARTS = 4


def by_torch(peer, path, saved):
    import torch

    from realnvp import FLOWS, compiled
    from timed_torch import one_point

    torch.set_num_threads(1)
    torch.manual_seed(0)
    flow = FLOWS[peer](TWO_MOONS)
    with torch.inference_mode():
        if saved:
            flow.load_state_dict(torch.load(path))
            return flow.sample(1)
        torch.save(flow.state_dict(), path)
    return one_point(flow, torch.tensor([[0.3, -0.7]]), compiled(peer))


def by_jax(path, saved):
    import equinox
    import jax

    from realnvp_jax import build
    from timed_jax import calls, one_point

    flow = build(TWO_MOONS, jax.random.key(0))
    if saved:
        return calls(equinox.tree_deserialise_leaves(path, flow), 1)[1]()
    equinox.tree_serialise_leaves(path, flow)
    return one_point(flow, jax.numpy.array([[0.3, -0.7]]))


def run(peer, path, saved):
    return by_jax(path, saved) if peer == "flowjax" else by_torch(peer, path, saved)


def main():
    peer = sys.argv[1] if len(sys.argv) > 1 else "torch"
    if len(sys.argv) > 2:
        print(run(peer, sys.argv[2], saved=True))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.eqx")
        medians = run(peer, path, saved=False)
        if peer != "torch.compile":  # it would compile at each start
            start = [sys.executable, __file__, peer, path]
            medians["first sample"] = repeated(
                lambda: subprocess.run(start, capture_output=True, check=True), 1, STARTS
            )
    print(json.dumps(medians))


if __name__ == "__main__":
    main()
