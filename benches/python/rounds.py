"""Measures subjects in turn, so that whatever slows the machine down slows all of them down."""

import gc
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

Drive = Callable[[Sequence[Any]], None]
MORE_CALLS_THAN = 5


def rounds(
    subjects: dict[str, Drive],
    requests: Callable[[int], Sequence[Any]],
    *,
    count: int,
    at_least_ns: int,
) -> dict[str, list[float]]:
    """Nanoseconds a call, a sample for each round, of all subjects.

    In each round all run once, in random order, a batch that takes at least so long. Requests are
    made before the clock starts, and the collector of garbage waits until it has stopped.
    """
    batches = {name: _batch(drive, requests, at_least_ns) for name, drive in subjects.items()}
    samples: dict[str, list[float]] = {name: [] for name in subjects}
    order = list(subjects)
    gc.collect()
    gc.freeze()
    gc.disable()
    for _ in range(count):
        random.shuffle(order)
        for name in order:
            samples[name].append(timed(subjects[name], requests(batches[name])))
        gc.collect()
    gc.enable()
    gc.unfreeze()
    return samples


def timed(drive: Drive, batch: Sequence[Any]) -> float:
    """Nanoseconds a call of a batch."""
    started = time.perf_counter_ns()
    drive(batch)
    return (time.perf_counter_ns() - started) / len(batch)


def _batch(drive: Drive, requests: Callable[[int], Sequence[Any]], at_least_ns: int) -> int:
    calls = MORE_CALLS_THAN
    while True:
        a_call = min(timed(drive, requests(calls)) for _ in range(3))
        if a_call * calls >= at_least_ns / 4:
            return max(calls, round(at_least_ns / a_call))
        calls *= 4
