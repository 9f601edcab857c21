"""What the peers time: a training step in its parts, and medians."""

import math
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


def repeated(work, warm_up, rounds, seconds=math.inf):
    """The median of a piece of work. It is repeated less often where that would take longer than the
    seconds, but at least once after the first.
    """
    times, end = [], time.perf_counter() + seconds
    while len(times) < warm_up + rounds and (len(times) < 2 or time.perf_counter() < end):
        times.append(milliseconds(work)[1])
    return statistics.median(times[min(warm_up, len(times) // 2):])
