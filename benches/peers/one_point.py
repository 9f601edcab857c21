"""One point at a time in eager PyTorch: the model of toy2d.py, one log-density, one sample, and the time
from the start of a process to the first sample of a saved model. One thread, which is faster here.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from timing import milliseconds, repeated
from toy2d import RealNvp

WARM_UP, ROUNDS, STARTS = 200, 2000, 5


def main():
    torch.set_num_threads(1)
    flow = RealNvp()
    if sys.argv[1:2] == ["first-sample"]:
        flow.load_state_dict(torch.load(sys.argv[2]))
        with torch.inference_mode():
            print(flow.sample(1))
        return
    torch.manual_seed(0)
    point = torch.tensor([[0.3, -0.7]])
    with torch.inference_mode():
        medians = {
            "log_prob": repeated(lambda: flow.log_prob(point), WARM_UP, ROUNDS),
            "sample": repeated(lambda: flow.sample(1), WARM_UP, ROUNDS),
        }
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.pt")
        torch.save(flow.state_dict(), path)
        start = [sys.executable, __file__, "first-sample", path]
        times = [milliseconds(lambda: subprocess.run(start, capture_output=True, check=True))[1] for _ in range(STARTS)]
    medians["first sample"] = statistics.median(times[1:])
    print(json.dumps(medians))


main()
