"""How time and memory grow with the size of the problem: exponents fitted on log–log axes beside the expected ones.

The expected exponent counts operations and bytes. A fit over the larger sizes alone leaves out what every call costs
whatever its size.
"""

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import NullFormatter

from stdp_backprop.config import validate
from stdp_backprop.config.reading import read_strictly
from stdp_backprop.energy.activations import ACTIVATIONS
from stdp_backprop.energy.network import Network, glorot_uniform, initial_state
from stdp_backprop.experiments import stdp_matching
from stdp_backprop.experiments.random_streams import experiment_generator
from stdp_backprop.figures import style
from stdp_backprop.relaxation.euler import euler_steps
from stdp_backprop.stdp.windows import Window

PROJECT = Path(__file__).resolve().parents[1]
STYLE = PROJECT / "notebooks" / "journal.mplstyle"
REPEATS = 5
STEPS = 5
"""Euler steps of a measurement."""


@dataclass(frozen=True)
class Series:
    """Processor time and peak memory over one size, all else held fixed.

    held : what is held fixed, in words; expected : exponents of time and memory and the reason for them
    """

    name: str
    held: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]
    megabytes: tuple[float, ...]
    expected: tuple[float, float]
    reason: str

    def exponents(self) -> tuple[float, float]:
        """Fitted to time and memory over the larger half of the sizes."""
        return fit_exponent(self.sizes, self.seconds), fit_exponent(self.sizes, self.megabytes)


def fit_exponent(sizes: tuple[int, ...], values: tuple[float, ...]) -> float:
    """Slope of log(value) over log(size) over the larger half of the sizes, by least squares."""
    larger = slice(len(sizes) // 2, None)
    return float(np.polyfit(np.log(sizes[larger]), np.log(values[larger]), 1)[0])


def measure() -> list[Series]:
    """All series."""
    return [
        series(
            "units per layer",
            "3 layers of equal size, 20 patterns",
            (32, 64, 128, 256, 512, 1024, 2048),
            lambda n_units: relaxation((n_units,) * 3, 20),
            (2.0, 2.0),
            "every unit is joined to every unit of the next layer; the weights are kept transposed as well",
        ),
        series(
            "layers",
            "256 units each, 20 patterns",
            (2, 4, 8, 16, 32, 64),
            lambda n_layers: relaxation((256,) * (n_layers + 1), 20),
            (1.0, 1.0),
            "one matrix product up and one down per layer",
        ),
        series(
            "patterns",
            "layers of 784, 500 and 10 units",
            (8, 16, 32, 64, 128, 256, 512),
            lambda n_patterns: relaxation((784, 500, 10), n_patterns),
            (1.0, 1.0),
            "patterns do not see each other",
        ),
        series(
            "trials",
            "spike trains of 100 ms at 30 Hz, three slopes, all pairings",
            (1_000, 3_000, 10_000, 30_000, 100_000, 300_000),
            spike_trains,
            (1.0, 1.0),
            "trials do not see each other; four changes are kept of each, the trains of a block of trials at a time",
        ),
    ]


def relaxation(layer_sizes: tuple[int, ...], n_patterns: int) -> Callable[[], object]:
    """Some Euler steps of the paper's dynamics."""
    rng = np.random.default_rng(0)
    weights = tuple(glorot_uniform(below, above, gain=0.5, rng=rng) for below, above in pairwise(layer_sizes))
    network = Network(weights, tuple(np.zeros(size) for size in layer_sizes[1:]), ACTIVATIONS["tanh"])
    state = initial_state(network, rng.uniform(-1, 1, (n_patterns, layer_sizes[0])))

    def steps() -> None:
        for _ in zip(range(STEPS + 1), euler_steps(network, state, step=0.5), strict=False):
            pass

    return steps


def spike_trains(n_trials: int) -> Callable[[], object]:
    """The experiment `stdp_matching` at one presynaptic rate and three slopes, with so many trials of each."""
    configuration = validate(read_strictly(PROJECT / "config.yaml"))
    rate_hz = 30.0
    changed = {
        "presynaptic_rates_hz": (rate_hz,),
        "rate_slopes_hz_per_s": (-100.0, 0.0, 100.0),
        "n_presynaptic_spikes": round(n_trials * rate_hz * configuration.stdp_matching.interval_ms / 1000),
        "n_averaged": (1000,),
    }
    settings = configuration.stdp_matching.model_copy(update=changed)
    window = Window(name="antisymmetric", **configuration.windows["antisymmetric"].parameters())
    return lambda: stdp_matching.run(settings, inputs={"window": window}, rng=experiment_generator(1, "growth"))


def series(
    name: str,
    held: str,
    sizes: tuple[int, ...],
    problem: Callable[[int], Callable[[], object]],
    expected: tuple[float, float],
    reason: str,
) -> Series:
    """Measure `problem` at every size."""
    print(f"  {name} ...", flush=True)
    costs = [cost(problem(size)) for size in sizes]
    return Series(name, held, sizes, *zip(*costs, strict=True), expected, reason)


def cost(action: Callable[[], object]) -> tuple[float, float]:
    """Shortest processor seconds of `action`, and the most memory in MB that it needs beyond what was there before."""
    tracemalloc.start()
    action()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    times = []
    while len(times) < REPEATS and (len(times) < 2 or sum(times) < 10):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times), peak / 1e6


def as_markdown(all_series: list[Series]) -> str:
    """The exponents as a table."""
    lines = [
        "| cost against | held fixed | time, expected | fitted | memory, expected | fitted | why |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in all_series:
        (time_expected, memory_expected), (time_fitted, memory_fitted) = one.expected, one.exponents()
        lines.append(
            f"| {one.name}, {one.sizes[0]:,} to {one.sizes[-1]:,} | {one.held} | {time_expected:g} | "
            f"{time_fitted:.2f} | {memory_expected:g} | {memory_fitted:.2f} | {one.reason} |"
        )
    return "\n".join(lines)


def draw(all_series: list[Series], path: Path) -> None:
    """Time above, memory below, one column per series; grey lines have the expected slope."""
    mpl.use("agg")
    style.use_style(STYLE)
    figure, panels = plt.subplots(2, len(all_series), figsize=(style.DOUBLE_COLUMN, 3.6), sharex="col")
    for column, one in zip(panels.T, all_series, strict=True):
        kinds = zip(column, (one.seconds, one.megabytes), one.expected, one.exponents(), strict=True)
        for ax, values, expected, exponent in kinds:
            ax.loglog(one.sizes, values, "o-")
            expected_line(ax, one.sizes, values, expected)
            ax.xaxis.set_major_formatter(lambda size, _: f"{size:,.0f}")
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_minor_formatter(NullFormatter())
            ax.set_title(f"fitted {exponent:.2f}, expected {expected:g}", fontsize=7)
        column[1].set_xlabel(one.name)
    panels[0, 0].set_ylabel("processor time (s)")
    panels[1, 0].set_ylabel("peak memory (MB)")
    figure.savefig(path, dpi=200, metadata={"Software": None})
    plt.close(figure)


def expected_line(ax, sizes: tuple[int, ...], values: tuple[float, ...], exponent: float) -> None:
    """A grey line of the expected slope through the largest size."""
    reach = np.array(sizes[len(sizes) // 2 :], dtype=float)
    ax.plot(reach, values[-1] * (reach / reach[-1]) ** exponent, color="0.6", linewidth=3, zorder=0)
