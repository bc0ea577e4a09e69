"""What spike trains and their pairing cost, against drawing random numbers, plain trials, Brian2 and NEST.

    python -m benchmarks spikes

Every time is processor time, a median over repeats that alternate with what they are compared with. The simulators run
in environments of their own (`make benchmark-peers`) on the same spike trains, whose times lie on the simulators' grid,
and a ratio is reported only if all weight changes agree.
"""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from stdp_backprop.stdp.pairing import PAIRINGS, neighbours, weight_changes
from stdp_backprop.stdp.spike_trains import SpikeTrains, constant_rate, poisson_trains, rectified_ramp
from stdp_backprop.stdp.superposition import poisson_pairs
from stdp_backprop.stdp.variance_reduction import estimate
from stdp_backprop.stdp.windows import Window

PEERS = Path(__file__).resolve().parent / "peers"
WINDOW = Window("antisymmetric", a_plus=1.0, a_minus=1.0, tau_plus_ms=20.0, tau_minus_ms=20.0)
INTERVAL_MS = (0.0, 1000.0)
PRE_HZ, POST_HZ = 20.0, 30.0
SPIKES_PER_TRIAL = PRE_HZ + POST_HZ
NEAREST = ("nearest_pre_centred",)
N_TRIALS = 100_000
REPEATS = 9
DRAWN_AT_ONCE = 15_000  # stays in the cache, which makes drawing as cheap as it gets
STEP_MS, PEER_PAIRS = 0.1, 1000
AGREEMENT = 1e-8


def rows() -> list[dict]:
    """One row per comparison: work, peer, ratio, target, note."""
    return [cost_row(), memory_row(), *precision_rows(), *peer_rows()]


def mean_change(n_trials: int, pairings=NEAREST) -> np.ndarray:
    """Draws, pairs and averages trials of a second at constant rates, block by block."""
    rates = (constant_rate(rate, start_ms=0.0, stop_ms=1000.0) for rate in (PRE_HZ, POST_HZ))
    total = 0.0
    for pair in poisson_pairs(*rates, np.random.default_rng(1), n_trials=n_trials):
        trains = pair.presynaptic, pair.postsynaptic
        nearest = neighbours(*trains, posts_before=pair.posts_before)
        changes = weight_changes(*trains, window=WINDOW, interval_ms=INTERVAL_MS, pairings=pairings, nearest=nearest)
        total = total + changes.sum(axis=1)
    return total / n_trials


def draw_exponentials(n: int) -> None:
    generator = np.random.default_rng(2)
    for first in range(0, n, DRAWN_AT_ONCE):
        generator.standard_exponential(min(DRAWN_AT_ONCE, n - first))


def seconds(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def cost_row() -> dict:
    mean_change(100, PAIRINGS)  # compiled, or loaded from the cache of an earlier process
    works = (
        lambda: mean_change(N_TRIALS),
        lambda: mean_change(N_TRIALS, PAIRINGS),
        lambda: draw_exponentials(int(N_TRIALS * SPIKES_PER_TRIAL)),
    )
    times = np.array([[seconds(work) for work in works] for _ in range(REPEATS)])
    nearest, all_four, drawing = np.median(times, axis=0) / (N_TRIALS * SPIKES_PER_TRIAL) * 1e9
    return {
        "work": f"nearest-neighbour STDP of Poisson trains, {N_TRIALS} trials of 1 s, 20/30 Hz",
        "peer": "drawing as many exponentials with numpy, in pieces that stay in the cache",
        "ratio": float(np.median(times[:, 0] / times[:, 2])),
        "target": 3.5,
        "note": f"{nearest:.1f} ns per spike against {drawing:.1f} ns; all four pairings {all_four:.1f} ns",
    }


def peak_growth_mb(n_trials: int) -> float:
    """How far the resident memory of this process (Linux) rises above what it is before the work."""
    mean_change(100)
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of importing and compiling
    before = resident_kb("VmRSS")
    mean_change(n_trials)
    return (resident_kb("VmHWM") - before) / 1024


def resident_kb(field: str) -> int:
    """A line of /proc/self/status: VmRSS is now, VmHWM the peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(field)))


def memory_row() -> dict:
    few, many = (float(subprocess.check_output([sys.executable, __file__, str(n)])) for n in (10_000, 1_000_000))
    return {
        "work": "its memory at 1 000 000 trials",
        "peer": "1 MB, beyond what the process has before",
        "ratio": many,
        "target": 100,
        "note": f"10 000 trials: {few:.1f} MB",
    }


def precision_rows() -> list[dict]:
    """Trials to the same error of the difference between two slopes, relative to independent trials."""
    return [
        precision_row(interval_ms=(0.0, length), slope=slope, n_trials=n_trials)
        for length, slope, n_trials in ((1000.0, 10.0, 4000), (1000.0, 50.0, 4000), (100.0, 200.0, 20_000))
    ]


def precision_row(*, interval_ms, slope, n_trials) -> dict:
    start, stop = interval_ms
    ends = {"start_ms": start - 200.0, "stop_ms": stop + 200.0}
    ramps = [rectified_ramp(POST_HZ, sign * slope, middle_ms=(start + stop) / 2, **ends) for sign in (-1, 1)]
    generator = np.random.default_rng(3)
    row = PAIRINGS.index(*NEAREST)
    mean, covariance = estimate(
        ramps, WINDOW, generator, presynaptic_rate_hz=PRE_HZ, interval_ms=interval_ms, n_trials=n_trials
    )
    contrast = np.array([-1.0, 1.0])
    coupled = contrast @ covariance[row] @ contrast * n_trials
    independent = sum(variance_of_trial(ramp, interval_ms, generator, n_trials=n_trials) for ramp in ramps)
    five_percent = (0.05 * contrast @ mean[row]) ** 2
    return {
        "work": f"derivative term to 5 %, nearest pairs, {stop - start:g} ms, ±{slope:g} Hz/s",
        "peer": "trials needed by independent trials",
        "ratio": float(coupled / independent),
        "target": 0.005,
        "note": f"{np.ceil(coupled / five_percent):.0f} trials against {independent / five_percent:.0f}",
    }


def variance_of_trial(ramp, interval_ms, generator, *, n_trials) -> float:
    steady = constant_rate(PRE_HZ, start_ms=ramp.start_ms, stop_ms=ramp.stop_ms)
    changes = [
        weight_changes(pair.presynaptic, pair.postsynaptic, window=WINDOW, interval_ms=interval_ms, pairings=NEAREST)[0]
        for pair in poisson_pairs(steady, ramp, generator, n_trials=n_trials)
    ]
    return float(np.concatenate(changes).var(ddof=1))


def peer_rows() -> list[dict]:
    with TemporaryDirectory() as folder:
        spikes, trains = trains_on_a_grid(Path(folder))
        work = {"window": WINDOW, "interval_ms": INTERVAL_MS, "pairings": NEAREST}
        ours = weight_changes(*trains, **work)[0]
        n_spikes = sum(train.times_ms.size for train in trains)
        own = float(np.median([seconds(lambda: weight_changes(*trains, **work)) for _ in range(REPEATS)]))
        return [
            peer_row(name, Path(folder), spikes, ours, own_seconds=own, n_spikes=n_spikes)
            for name in ("brian2", "nest")
        ]


def peer_row(name, folder, spikes, ours, *, own_seconds, n_spikes) -> dict:
    row = {
        "work": f"nearest_pre_centred pairing of {PEER_PAIRS} given pairs of trains of 1 s",
        "peer": f"{name}, without its start and compilation",
        "ratio": None,
        "target": 0.002,
    }
    python = PEERS / f".venv-{name}" / "bin" / "python"
    if not python.exists():
        return row | {"note": "not installed: make benchmark-peers"}
    weights = folder / f"{name}.npz"
    run = subprocess.run([python, PEERS / f"{name}_nearest.py", spikes, weights], capture_output=True, text=True)
    if run.returncode:
        return row | {"note": f"failed: {(run.stderr.strip().splitlines() or ['no message'])[-1]}"}
    with np.load(weights, allow_pickle=False) as theirs:
        distance, taken = float(np.abs(theirs["weight_change"] - ours).max()), float(theirs["seconds"])
    if not distance < AGREEMENT:
        return row | {"note": f"weight changes differ by up to {distance:.1e}: no comparison"}
    note = f"{own_seconds / n_spikes * 1e9:.1f} ns per spike against {taken / n_spikes * 1e9:.0f} ns"
    return row | {"ratio": own_seconds / taken, "note": f"{note} at steps of {STEP_MS} ms; agree to {distance:.0e}"}


def trains_on_a_grid(folder: Path) -> tuple[Path, tuple[SpikeTrains, SpikeTrains]]:
    """Trains whose times are whole steps, without coincidences, as a file for the simulators and as SpikeTrains."""
    generator = np.random.default_rng(4)
    per_pair = round(2 * INTERVAL_MS[1] / STEP_MS)
    cells = []
    for rate in (PRE_HZ, POST_HZ):
        trains = poisson_trains(constant_rate(rate, start_ms=1.0, stop_ms=999.0), generator, n_trials=PEER_PAIRS)
        cells.append(np.unique(trains.trial * per_pair + np.round(trains.times_ms / STEP_MS).astype(int)))
    pre, post = (np.setdiff1d(one, other) for one, other in (cells, cells[::-1]))
    path = folder / "spikes.npz"
    np.savez(
        path,
        n_pairs=PEER_PAIRS,
        step_ms=STEP_MS,
        duration_ms=INTERVAL_MS[1],
        **{f"{name}_pair": spikes // per_pair for name, spikes in (("pre", pre), ("post", post))},
        **{f"{name}_step": spikes % per_pair for name, spikes in (("pre", pre), ("post", post))},
        **{key: getattr(WINDOW, key) for key in ("a_plus", "a_minus", "tau_plus_ms", "tau_minus_ms")},
    )
    return path, tuple(
        SpikeTrains(spikes % per_pair * STEP_MS, np.searchsorted(spikes, per_pair * np.arange(PEER_PAIRS + 1)))
        for spikes in (pre, post)
    )


if __name__ == "__main__":  # in a process of its own, as `memory_row` wants it
    print(peak_growth_mb(int(sys.argv[1])))
