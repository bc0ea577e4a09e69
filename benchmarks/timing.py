"""How the benchmarks take times: in turns, so that a machine that slows down slows all contestants, and by medians."""

import time
from collections.abc import Callable, Mapping
from statistics import median


def seconds(action: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def medians(actions: Mapping[str, Callable[[], object]], *, repeats: int) -> dict[str, float]:
    """Median seconds of each action over `repeats` rounds; in each round every action has its turn."""
    rounds = [{name: seconds(action) for name, action in actions.items()} for _ in range(repeats)]
    return {name: median(times[name] for times in rounds) for name in actions}
