"""What is timed of a flow in PyTorch, a module with `log_prob(points)` and `sample(count)`."""

import torch

from cases import LONG_ROUNDS, LONG_WARM_UP, PATIENCE, POINT_ROUNDS, POINT_WARM_UP, POINTS
from timing import repeated, training_step


def medians(flow, case, data, ready=lambda work: work):
    """Training step, density of 10,000 points and 10,000 samples. `data` makes a given number of points, `ready` is what
    functions go through before they are called.
    """
    batch, points = torch.from_numpy(data(case.batch)), torch.from_numpy(data(POINTS))
    adam = torch.optim.Adam(flow.parameters(), lr=1e-3, fused=True)
    times = training_step(ready(lambda: -flow.log_prob(batch).mean()), adam, case.warm_up, case.rounds)
    with torch.inference_mode():
        for part, work in [("log_prob", lambda: flow.log_prob(points)), ("sample", lambda: flow.sample(POINTS))]:
            times[part] = repeated(ready(work), LONG_WARM_UP, LONG_ROUNDS, PATIENCE)
    return times


def one_point(flow, point, ready=lambda work: work):
    """The density of a point, `[1, features]`, and one sample, on one thread, which is faster here."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.inference_mode():
        times = {
            part: repeated(ready(work), POINT_WARM_UP, POINT_ROUNDS, PATIENCE)
            for part, work in [("log_prob", lambda: flow.log_prob(point)), ("sample", lambda: flow.sample(1))]
        }
    torch.set_num_threads(threads)
    return times
