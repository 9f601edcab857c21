"""What the peers time: a training step in its parts, and medians."""

import statistics
import time


def milliseconds(work):
    start = time.perf_counter()
    result = work()
    return result, (time.perf_counter() - start) * 1e3


def training_step(loss, optimizer, warm_up, rounds):
    """Medians of forward, backward and update, and of the whole step."""
    times = {"forward": [], "backward": [], "update": [], "step": []}

    def backward(value):
        optimizer.zero_grad()
        value.backward()

    for _ in range(warm_up + rounds):
        value, forward = milliseconds(loss)
        _, back = milliseconds(lambda: backward(value))
        _, update = milliseconds(optimizer.step)
        for part, ms in zip(times, [forward, back, update, forward + back + update]):
            times[part].append(ms)
    return {part: statistics.median(ms[warm_up:]) for part, ms in times.items()}


def repeated(work, warm_up, rounds):
    """The median of a piece of work."""
    times = [milliseconds(work)[1] for _ in range(warm_up + rounds)]
    return statistics.median(times[warm_up:])
