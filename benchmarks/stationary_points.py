"""How fast the relaxation is: against raw matrix products, the paper's Euler steps, and PyTorch's autograd.

    python -m benchmarks stationary_points

Every ratio is processor time / that of the peer on the same network, patterns and tolerance, in this run and in turns,
medians. A ratio is reported only after both answers have been compared. The first run makes an environment with
PyTorch beside this file (`requirements-torch.lock`).
"""

import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise, product, starmap
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from stdp_backprop.energy.activations import ACTIVATIONS
from stdp_backprop.energy.network import Layers, Network, glorot_uniform, initial_state
from stdp_backprop.relaxation import phases
from stdp_backprop.relaxation.euler import StationaryPoint, euler_steps, relax
from stdp_backprop.relaxation.solver import SolverResult, find_stationary_point
from stdp_backprop.relaxation.uniqueness import has_unique_stationary_point
from stdp_backprop.relaxation.workspace import as_workspace

HERE = Path(__file__).resolve().parent
SHALLOW, DEEP = (784, 500, 10), (784, 512, 512, 512, 10)
GAINS = (0.5, 1.0, 2.0)
STEP, TOLERANCE = 0.5, 1e-10
N_PATTERNS = {SHALLOW: 100, DEEP: 10}
"""Of the stationary points. Fewer for the deep network, whose slowest case takes Euler steps most of a minute."""
SAME_POINT = 1e-6
"""Two answers within the tolerance differ by about tolerance / smallest curvature; different points by about 0.1."""

Row = dict[str, str | float | None]


def rows() -> list[Row]:
    """All comparisons: `work`, `peer`, `ratio`, `target`, `note`."""
    return [*step_rows(), *stationary_point_rows(), *autograd_rows()]


def draw_network(name: str, sizes: tuple[int, ...], gain: float, n_patterns: int) -> tuple[Network, list[np.ndarray]]:
    """A network with Glorot-uniform weights, biases and inputs as in config.yaml, and where its dynamics start."""
    rng = np.random.default_rng(20170311)
    bias = (0.25, 0.75) if name == "hard_sigmoid" else (-0.5, 0.5)
    weights = [glorot_uniform(n_in, n_out, gain=gain, rng=rng) for n_in, n_out in pairwise(sizes)]
    biases = [rng.uniform(*bias, size) for size in sizes[1:]]
    clamped = rng.uniform(-1 if name == "tanh" else 0, 1, (n_patterns, sizes[0]))
    network = Network(tuple(weights), tuple(biases), ACTIVATIONS[name])
    return network, initial_state(network, clamped)


def times(*works: Callable[[], object], at_least: float = 1.0, most: int = 200) -> np.ndarray:
    """Median seconds of each, run in turns for a while: what else the machine does meets all of them alike."""
    for work in works:
        work()
    seconds = []
    while len(seconds) < most and (len(seconds) < 3 or np.sum(seconds) < at_least):
        of_turn = []
        for work in works:
            started = time.process_time()
            work()
            of_turn.append(time.process_time() - started)
        seconds.append(of_turn)
    return np.median(seconds, axis=0)


def step_rows() -> list[Row]:
    """One Euler step against the products with all weights between free layers, into buffers that exist."""
    found = []
    for (sizes, n_patterns, target), name in product(
        ((DEEP, 100, 1.15), (SHALLOW, 20, 2.6), (SHALLOW, 100, 2.6)), ACTIVATIONS
    ):
        network, start = draw_network(name, sizes, 1.0, n_patterns)
        one, raw = stepping(network, start), raw_products(network, start)
        step, products = times(one, raw, most=300)
        found.append(
            {
                "work": f"one relaxation step, {join_sizes(sizes)}, batch {n_patterns}, {name}",
                "peer": "raw matrix products of the same shapes",
                "ratio": step / products,
                "target": target,
                "note": f"{1e6 * step:.0f} µs; the products {1e6 * products:.0f} µs",
            }
        )
    return found


def stepping(network: Network, start: Layers) -> Callable[[], None]:
    """One Euler step of the dynamics per call, after a check that the first ones are those of `euler_steps`."""
    free, _ = as_workspace(network, start)

    def step() -> None:
        free.evaluate()
        free.euler_step(STEP)

    slow = euler_steps(network, start, step=STEP)
    for _ in range(4):
        state, _ = next(slow)
        agree([layer[0] for layer in free.layers(free.state)], state[1:], 1e-12)
        step()
    return step


def raw_products(network: Network, start: Layers) -> Callable[[], None]:
    rates = [network.activation.value(layer + 0.3) for layer in start]
    up = [(below, weight) for below, weight in zip(rates[1:-1], network.weights[1:], strict=True)]
    down = [(above, weight.T) for above, weight in zip(rates[2:], network.weights[1:], strict=True)]
    out = [np.empty((len(signal), weight.shape[1])) for signal, weight in (*up, *down)]

    def multiply() -> None:
        for (signal, weight), here in zip((*up, *down), out, strict=True):
            np.matmul(signal, weight, out=here)

    return multiply


def stationary_point_rows() -> list[Row]:
    """All 18 cases to 1e-10, and their medians."""
    found, plain, lean = zip(*starmap(stationary_point, product((SHALLOW, DEEP), ACTIVATIONS, GAINS)), strict=True)
    medians = [
        {
            "work": "stationary point, median of the 18 cases",
            "peer": peer,
            "ratio": float(np.median(ratios)),
            "target": 0.35,
            "note": f"from {min(ratios):.2f} to {max(ratios):.2f}; same point as the Euler steps in all 18",
        }
        for ratios, peer in ((plain, "Euler steps, ε = 0.5"), (lean, "the same in the solver's own buffers"))
    ]
    return [*found, *medians]


def stationary_point(sizes: tuple[int, ...], name: str, gain: float) -> tuple[Row, float, float]:
    """The row of a case, and the ratios to plain Euler steps and to those in the solver's buffers."""
    network, start = draw_network(name, sizes, gain, N_PATTERNS[sizes])
    unique = has_unique_stationary_point(network)
    ends: dict[str, SolverResult] = {}
    states: dict[str, list[np.ndarray]] = {}

    def solve() -> None:
        ends["solver"] = find_stationary_point(network, start, step=STEP, tolerance=TOLERANCE, unique=unique)

    def plain() -> None:
        states["plain"] = euler_to_the_end(network, start, ends["solver"].step)

    def lean() -> None:
        states["lean"] = euler_without_waste(network, start).state

    fast, slow, in_buffers = once_or_more(solve, plain, lean)
    for state in states.values():
        agree(ends["solver"].state, state, SAME_POINT)
    row = {
        "work": f"stationary point to 1e-10, {join_sizes(sizes)}, batch {len(start[0])}, {name}, Glorot {gain:g}",
        "peer": "Euler steps, ε = 0.5",
        "ratio": fast / slow,
        "target": None,
        "note": f"{describe(ends['solver'])}; {1e3 * fast:.0f} ms; {fast / in_buffers:.2f} of Euler steps in the "
        "solver's own buffers",
    }
    return row, fast / slow, fast / in_buffers


def euler_to_the_end(network: Network, start: Layers, steps: np.ndarray) -> list[np.ndarray]:
    """Where the plain dynamics rest, each pattern with the step that the solver used (0: none), step by step alike."""
    steps = np.where(steps > 0, steps, STEP)
    end = [np.empty_like(layer) for layer in start]
    for length in np.unique(steps):
        part = [layer[steps == length] for layer in start]
        found = relax(euler_steps(network, part, step=float(length)), tolerance=TOLERANCE, max_steps=10**6)
        for here, layer in zip(end, found.state, strict=True):
            here[steps == length] = layer
    return end


def once_or_more(*works: Callable[[], object]) -> np.ndarray:
    """As `times`, but once only where that takes seconds already."""
    started = time.process_time()
    seconds = []
    for work in works:
        begun = time.process_time()
        work()
        seconds.append(time.process_time() - begun)
    return np.array(seconds) if time.process_time() - started > 3 else times(*works, at_least=2)


def euler_without_waste(network: Network, start: Layers) -> StationaryPoint:
    """Euler steps to the end in the solver's buffers: input drive once, patterns at rest dropped, no Newton step."""
    near, phases.NEAR = phases.NEAR, 0.0
    try:
        return find_stationary_point(network, start, step=STEP, tolerance=TOLERANCE, unique=np.array(False))
    finally:
        phases.NEAR = near


def describe(found: SolverResult) -> str:
    """Whether theory knows that the point is the only one, which way led there, and where ε had to be halved."""
    names, counts = np.unique(found.path, return_counts=True)
    paths = ", ".join(f"{count} by {name}" for name, count in zip(names, counts, strict=True))
    halved = np.count_nonzero((found.step > 0) & (found.step < STEP))
    shorter = f"; Euler steps of {STEP:g} cycle in {halved}, hence shorter ones there for all three" if halved else ""
    return f"{'unique' if found.unique.all() else 'flagged: not proved unique'}; {paths}{shorter}"


def autograd_rows() -> list[Row]:
    """PyTorch: the energy of the batch, `backward()` at every step. Glorot 0.5, where Euler steps are quickest."""
    found = []
    python = peer_python()
    for sizes, name in product((SHALLOW, DEEP), ACTIVATIONS):
        network, start = draw_network(name, sizes, 0.5, N_PATTERNS[sizes])
        ends: dict[str, SolverResult] = {}

        def solve(network=network, start=start, ends=ends) -> None:
            ends["solver"] = find_stationary_point(network, start, step=STEP, tolerance=TOLERANCE)

        (fast,) = times(solve)
        peer = autograd(python, network, start)
        agree(ends["solver"].state[1:], [peer[f"state_{layer}"] for layer in range(1, len(start))], SAME_POINT)
        found.append(
            {
                "work": f"stationary point to 1e-10, {join_sizes(sizes)}, batch {len(start[0])}, {name}, Glorot 0.5",
                "peer": "PyTorch autograd, Euler steps, ε = 0.5",
                "ratio": fast / float(peer["seconds"]),
                "target": None,
                "note": f"{1e3 * fast:.0f} ms, test of uniqueness included; PyTorch "
                f"{1e3 * float(peer['seconds']):.0f} ms, {int(peer['n_steps'])} steps",
            }
        )
    ratios = [row["ratio"] for row in found]
    slowest = {
        "work": f"stationary point, the slowest of the {len(found)} cases above",
        "peer": found[0]["peer"],
        "ratio": max(ratios),
        "target": 0.1,
        "note": f"from {min(ratios):.3f} to {max(ratios):.3f}; same point in all",
    }
    return [*found, slowest]


def peer_python() -> Path:
    """The Python of an environment with PyTorch, made if it is not there."""
    folder = HERE / ".torch"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        requirements = HERE / "requirements-torch.lock"
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
        subprocess.run([python, *install, requirements], check=True)
        (folder / "ready").touch()
    return python


def autograd(python: Path, network: Network, start: Layers) -> dict[str, np.ndarray]:
    """What `autograd_peer` answers."""
    with TemporaryDirectory() as folder:
        case, answer = Path(folder) / "case.npz", Path(folder) / "answer.npz"
        layers = {f"weight_{layer}": weight for layer, weight in enumerate(network.weights, start=1)}
        layers |= {f"bias_{layer}": bias for layer, bias in enumerate(network.biases, start=1)}
        settings = {"activation": network.activation.name, "step": STEP, "tolerance": TOLERANCE, "repeats": 3}
        np.savez(case, input=start[0], **layers, **settings)
        subprocess.run([python, HERE / "autograd_peer.py", case, answer], check=True)
        return dict(np.load(answer))


def agree(one: Layers, other: Layers, distance: float) -> None:
    """Raise unless two answers are the same: a ratio of times would mean nothing."""
    apart = max(float(np.max(np.abs(a - b))) for a, b in zip(one, other, strict=True))
    if not apart <= distance:
        raise ArithmeticError(f"the two answers are {apart:.1e} apart; {distance:.1e} is allowed")


def join_sizes(sizes: tuple[int, ...]) -> str:
    return "-".join(map(str, sizes))
