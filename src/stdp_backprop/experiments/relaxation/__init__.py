"""Networks relax to a stationary point, from which all other experiments start. Claims A1–A4, figure 4."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice, pairwise

import numpy as np
import xarray as xr

from ...config.inference import Ensemble, Langevin, Relaxation
from ...energy.activations import ACTIVATIONS, Activation
from ...energy.network import (
    Layers,
    Network,
    concatenate_layers,
    energy,
    glorot_uniform,
    hessian,
    initial_state,
    velocity_and_residual,
)
from ...inference.langevin import langevin_path
from ...relaxation.euler import NotStationary, StationaryPoint, alternating_sweeps, euler_steps, relax, try_relax
from ...relaxation.solver import find_stationary_point
from ...stdp.expected.quadrature import gauss_legendre
from ..labels import attrs
from .strong_coupling import ROUGH, compare_candidates, most_strongly_coupled
from .traces import ResidualsByCost, TraceRecorder

SOLVERS = ("euler", "alternating_sweeps", "newton")
"""The paper's dynamics, exact layer-wise descent, and the solver that ends with Newton steps, whose stationary points
all other experiments use."""


def run(settings: Relaxation, *, inputs: Mapping[str, str], rng: np.random.Generator) -> xr.Dataset:
    """Draw the ensemble of one condition, relax it with every solver, and sample the Langevin dynamics.

    inputs : name of the `condition`, one of `settings.activations`
    Raises NotStationary, naming the keys to change, when any network and pattern does not reach the tolerance.
    """
    condition = inputs["condition"]
    try:
        return _run(settings, settings.activations[condition], rng)
    except NotStationary as failure:
        raise failure.with_advice(
            f"every network must come to rest: lower relaxation.activations.{condition}.gain "
            f"({settings.activations[condition].gain:g}), lower relaxation.step ({settings.step:g}) if the residual "
            f"grows or cycles, or raise relaxation.max_steps ({settings.max_steps})"
        ) from None


def _run(settings: Relaxation, ensemble: Ensemble, rng: np.random.Generator) -> xr.Dataset:
    ensemble_rng, check_rng, langevin_rng = rng.spawn(3)
    network, clamped_input, target = draw_ensemble(settings, ensemble, ensemble_rng)
    start = initial_state(network, clamped_input)
    limits = {"tolerance": settings.tolerance, "max_steps": settings.max_steps}

    euler, sweeps, newton = TraceRecorder(network), TraceRecorder(network), ResidualsByCost()
    rest = relax(euler_steps(network, start, step=settings.step), **limits, callback=euler)
    solved = find_stationary_point(network, start, **limits, step=settings.step, callback=newton)
    sweep_start = start_of_sweeps(network, start, solved.unique, step=settings.step)
    swept = relax(alternating_sweeps(network, sweep_start), **limits, callback=sweeps)
    eigenvalues = np.linalg.eigvalsh(hessian(network, solved.state))
    stiffness = np.max([np.linalg.eigvalsh(hessian(network, state))[..., -1] for state in euler.states()], axis=0)

    cases = ("network", "pattern")
    dataset = xr.Dataset(
        {
            **_network_variables(network),
            **_state_variables(solved.state),
            "target": ((*cases, f"unit_{len(start) - 1}"), target, attrs("state", "target of the output")),
            "residual": (cases, solved.residual, attrs("state", "largest |R(s) − s| of the stationary point")),
            "solver_distance": (
                cases,
                np.maximum(_distance(rest, solved), _distance(rest, swept)),
                attrs("state", "largest difference between the stationary points of Euler steps and another solver"),
            ),
            "unique": (
                ("network",),
                solved.unique.astype(np.int8),
                attrs("1", "1 where theory excludes a second stationary point: max ρ'² λ_max(K) < 1; 0 elsewhere"),
            ),
            "energy": (("network", "pattern", "step"), euler.energies(), attrs("energy", "E along the Euler steps")),
            "residual_trace": (
                ("solver", *cases, "step"),
                np.stack([record.residuals_at(euler.steps) for record in (euler, sweeps, newton)]),
                attrs("state", "largest |R(s) − s| along the iterations; the last one repeated after the end"),
            ),
            "n_steps": (
                ("solver", *cases),
                np.stack([rest.n_steps, swept.n_steps, solved.n_products]),
                attrs("1", "iterations, each one product with all weights, until the residual was below tolerance"),
            ),
            "energy_increase_max": (
                cases,
                euler.largest_increase,
                attrs("energy", "largest change of the energy over one Euler step"),
            ),
            "hessian_eigenvalue_min": (
                cases,
                eigenvalues[..., 0],
                attrs("1 / time constant", "smallest eigenvalue of the Hessian at the stationary point"),
            ),
            "hessian_eigenvalue_max": (
                cases,
                stiffness,
                attrs("1 / time constant", "largest eigenvalue of the Hessian along the recorded Euler steps"),
            ),
            "force_error": (
                cases,
                force_error(network, _random_interior(network, clamped_input, check_rng)),
                attrs("1", "|R(s) − s + dE/ds| / |dE/ds| at a random state, dE/ds from the energy alone"),
            ),
        },
        coords={"solver": list(SOLVERS), "step": ("step", euler.steps, attrs("1", "iterations of the solver"))},
        attrs={"activation": ensemble.activation, "euler_step": settings.step, "tolerance": settings.tolerance},
    )
    return dataset.merge(_langevin(settings.langevin, network.activation, langevin_rng))


def draw_ensemble(
    settings: Relaxation, ensemble: Ensemble, rng: np.random.Generator
) -> tuple[Network, np.ndarray, np.ndarray]:
    """Networks, clamped inputs (network, pattern, n_0) and targets (network, pattern, n_L).

    Network k and its patterns come from the k-th child of `rng`: another network or pattern changes none before it.
    """
    draw = partial(_draw, settings, ensemble)
    streams = rng.spawn(settings.n_networks)
    if ensemble.candidates == 1:
        return draw(streams)
    return most_strongly_coupled(draw, streams, candidates=ensemble.candidates, step=settings.step)


def candidate_alignments(settings: Relaxation, condition: str, rng: np.random.Generator) -> np.ndarray:
    """Of all candidates of a strongly coupled ensemble, as `run` draws them with `rng`: (candidate, target).

    The largest cosine of δ with λ over the hidden layers; infinite where a candidate does not converge.
    """
    ensemble, (ensemble_rng, *_) = settings.activations[condition], rng.spawn(3)
    streams, draw = ensemble_rng.spawn(settings.n_networks), partial(_draw, settings, ensemble)
    return compare_candidates(draw, streams, candidates=ensemble.candidates, step=settings.step)[1]


def _draw(
    settings: Relaxation, ensemble: Ensemble, streams: Sequence[np.random.Generator]
) -> tuple[Network, np.ndarray, np.ndarray]:
    draws = [_draw_network(settings, ensemble, stream) for stream in streams]
    weights, biases, clamped_input, target = zip(*draws, strict=True)
    network = Network(
        tuple(np.stack(layer) for layer in zip(*weights, strict=True)),
        tuple(np.stack(layer) for layer in zip(*biases, strict=True)),
        ACTIVATIONS[ensemble.activation],
    )
    return network, np.stack(clamped_input), np.stack(target)


def start_of_sweeps(network: Network, start: Layers, unique: np.ndarray, *, step: float) -> Layers:
    """`start`; where several stationary points may exist, a state near the one that Euler steps from there reach.

    Sweeps from `start` itself could reach another one, or cycle.
    """
    path, max_steps = euler_steps(network, start, step=step), 0 if unique.all() else 10_000
    near, _ = try_relax(path, tolerance=ROUGH, max_steps=max_steps)
    return [np.where(unique[:, None, None], layer, moved) for layer, moved in zip(start, near, strict=True)]


def _draw_network(settings: Relaxation, ensemble: Ensemble, rng: np.random.Generator) -> tuple:
    weight_rng, bias_rng, input_rng, target_rng = rng.spawn(4)
    sizes = settings.layer_sizes
    weights = [glorot_uniform(n_in, n_out, gain=ensemble.gain, rng=weight_rng) for n_in, n_out in pairwise(sizes)]
    biases = [bias_rng.uniform(*ensemble.bias, size=size) for size in sizes[1:]]
    clamped_input = input_rng.uniform(*ensemble.input, size=(settings.n_patterns, sizes[0]))
    target = target_rng.uniform(*ensemble.target, size=(settings.n_patterns, sizes[-1]))
    return weights, biases, clamped_input, target


def force_error(network: Network, state: Layers) -> np.ndarray:
    """How far R(s) − s is from minus the gradient of the energy, relative to it: (network, pattern).

    The gradient comes from the energy alone: by a complex step, or, where ρ is piecewise linear and the energy
    quadratic inside the bounds, by central differences, exact there but for rounding.
    """
    derivative = _complex_step if network.activation.bounds is None else _central_difference
    velocity, _ = velocity_and_residual(network, state)
    gradient = [
        np.stack([derivative(network, state, layer, unit) for unit in range(size)], axis=-1)
        for layer, size in enumerate(network.layer_sizes[1:], start=1)
    ]
    difference = concatenate_layers(velocity) + concatenate_layers(gradient)
    return np.linalg.norm(difference, axis=-1) / np.linalg.norm(concatenate_layers(gradient), axis=-1)


def _shift(state: Layers, layer: int, unit: int, shift: complex) -> list[np.ndarray]:
    layers = list(state)
    layers[layer] = layers[layer] + shift * (np.arange(layers[layer].shape[-1]) == unit)
    return layers


def _complex_step(network: Network, state: Layers, layer: int, unit: int) -> np.ndarray:
    tiny = 1e-200  # its square vanishes: no truncation error at all
    return energy(network, _shift(state, layer, unit, 1j * tiny)).imag / tiny


def _central_difference(network: Network, state: Layers, layer: int, unit: int) -> np.ndarray:
    width = 1e-3
    above, below = (energy(network, _shift(state, layer, unit, sign * width)) for sign in (1, -1))
    return (above - below) / (2 * width)


def _random_interior(network: Network, clamped_input: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    low, high = (-2.0, 2.0) if network.activation.bounds is None else (0.1, 0.9)
    batch = clamped_input.shape[:-1]
    return [clamped_input, *(rng.uniform(low, high, size=(*batch, size)) for size in network.layer_sizes[1:])]


def _network_variables(network: Network) -> dict:
    variables = {}
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True), start=1):
        dims = ("network", f"unit_{layer - 1}", f"unit_{layer}")
        variables[f"weight_{layer}"] = (dims, weight, attrs("1", f"weights from layer {layer - 1} to layer {layer}"))
        variables[f"bias_{layer}"] = (("network", f"unit_{layer}"), bias, attrs("state", f"biases of layer {layer}"))
    return variables


def _state_variables(state: Layers) -> dict:
    return {
        f"state_{layer}": (
            ("network", "pattern", f"unit_{layer}"),
            values,
            attrs("state", f"layer {layer} at the stationary point" if layer else "clamped input"),
        )
        for layer, values in enumerate(state)
    }


def _distance(one: StationaryPoint, other: StationaryPoint) -> np.ndarray:
    return np.max(np.abs(concatenate_layers(one.state[1:]) - concatenate_layers(other.state[1:])), axis=-1)


def _langevin(settings: Langevin, activation: Activation, rng: np.random.Generator) -> xr.Dataset:
    """Histograms of the two free units against exp(−E/T), for each Euler step ε."""
    network = Network(
        tuple(np.full((1, 1), weight) for weight in settings.weights),
        tuple(np.full(1, bias) for bias in settings.biases),
        activation,
    )
    edges, expected = boltzmann_probabilities(network, settings)
    fine_edges, fine = boltzmann_probabilities(
        network, settings.model_copy(update={"n_bins": fine_bins_per_bin(settings) * settings.n_bins})
    )
    counts, fine_counts = (
        np.stack(kind)
        for kind in zip(
            *(
                _histograms(network, settings, step, fine_edges, child)
                for step, child in zip(settings.steps, rng.spawn(len(settings.steps)), strict=True)
            ),
            strict=True,
        )
    )
    observed = counts / counts.sum(axis=(-2, -1), keepdims=True)
    return xr.Dataset(
        {
            "langevin_probability": (
                ("euler_step", "chain_group", "bin_1", "bin_2"),
                observed,
                attrs("1", "share of the Langevin samples per bin of the two free units, by group of chains"),
            ),
            "boltzmann_probability": (
                ("bin_1", "bin_2"),
                expected,
                attrs("1", "integral of exp(−E/T) over the bin, by quadrature, normalised over all bins"),
            ),
            "langevin_marginal": (
                ("euler_step", "free_unit", "position"),
                fine_counts / fine_counts.sum(axis=-1, keepdims=True),
                attrs("1", "share of the Langevin samples per fine bin of each free unit"),
            ),
            "boltzmann_marginal": (
                ("free_unit", "position"),
                np.stack([fine.sum(axis=1), fine.sum(axis=0)]),
                attrs("1", "integral of exp(−E/T) over the fine bin of each free unit and all states of the other"),
            ),
        },
        coords={
            "euler_step": (
                "euler_step",
                list(settings.steps),
                attrs("time constants", "Euler step ε of the Langevin dynamics"),
            ),
            **{
                f"bin_{unit}": (
                    f"bin_{unit}",
                    0.5 * (edges[1:] + edges[:-1]),
                    attrs("state", f"bin centre of free unit {unit}"),
                )
                for unit in (1, 2)
            },
            "free_unit": ("free_unit", [1, 2], attrs("1", "free unit of the chain, counted from its input")),
            "position": (
                "position",
                0.5 * (fine_edges[1:] + fine_edges[:-1]),
                attrs("state", "centre of a fine bin, for either free unit"),
            ),
        },
    )


FINE_BINS = 40
"""Least number of bins of a single unit, which has enough samples in each to show the shape of its density."""


def fine_bins_per_bin(settings: Langevin) -> int:
    """Fine bins of a single unit per bin of the joint histogram."""
    return -(-FINE_BINS // settings.n_bins)


N_CHAIN_GROUPS = 20
"""Groups of chains whose scatter gives the intervals of claim A3."""


def boltzmann_probabilities(network: Network, settings: Langevin) -> tuple[np.ndarray, np.ndarray]:
    """Bin edges (the same for both units) and the share of exp(−E/T) in each bin, by Gauss–Legendre quadrature.

    Where the state is unbounded the bins reach four standard deviations of the noise beyond the largest possible
    response ρ'(0) u: wide enough to hold all but 1e-4 of the density, narrow enough for the bins to resolve it.
    """
    bounds = network.activation.bounds
    if bounds is None:
        drive = max(abs(weight) for weight in settings.weights) * 2 + max(abs(bias) for bias in settings.biases)
        limit = network.activation.max_slope * drive + 4 * np.sqrt(settings.temperature)
        bounds = (-limit, limit)
    edges = np.linspace(*bounds, settings.n_bins + 1)
    # panels no wider than two standard deviations of the noise, so that 16 nodes resolve the density
    n_panels = max(1, int(np.ceil((edges[1] - edges[0]) / (2 * np.sqrt(settings.temperature)))))
    ends = np.linspace(*bounds, settings.n_bins * n_panels + 1) if n_panels > 1 else edges
    panels = _panels_with_mass(network, settings, ends)
    mass = np.zeros((settings.n_bins, settings.n_bins))
    np.add.at(mass, tuple(panels // n_panels), _panel_masses(network, settings, ends, panels))
    return edges, mass / mass.sum()


NEGLIGIBLE = 60.0
"""Energy above the minimum, in units of T, from which exp(−E/T) is below rounding of the total mass."""


def _panels_with_mass(network: Network, settings: Langevin, ends: np.ndarray) -> np.ndarray:
    """Indices (2, n) of the panels, pairs of intervals between `ends`, that may hold more than rounding of the mass.

    Squares of panels are repeatedly halved, and dropped where the energy in the middle, minus the largest slope times
    the distance to a corner, is that far above the smallest energy so far.
    """
    n = ends.size - 1
    slope = np.max(np.abs(ends)) + 2 * sum(map(abs, settings.weights)) + sum(map(abs, settings.biases))
    squares, size = np.zeros((2, 1), dtype=int), 1 << (n - 1).bit_length()
    minimum = np.inf
    while True:
        stops = np.minimum(squares + size, n)
        low, high = ends[squares], ends[stops]
        middle = _energy_of_two(network, settings, *((low + high) / 2))
        minimum = min(minimum, middle.min())
        max_decrease = slope * np.sum(high - low, axis=0) / 2
        squares = squares[:, middle - max_decrease <= minimum + NEGLIGIBLE * settings.temperature]
        if size == 1:
            return squares
        size //= 2
        squares = np.concatenate(
            [squares + size * np.array(corner)[:, None] for corner in ((0, 0), (0, 1), (1, 0), (1, 1))], axis=1
        )
        squares = squares[:, (squares < n).all(axis=0)]


def _panel_masses(network: Network, settings: Langevin, ends: np.ndarray, panels: np.ndarray) -> np.ndarray:
    """exp(−(E − min E)/T) summed over 16 × 16 Gauss–Legendre nodes of each panel; all panels are of one size."""
    nodes, weights = gauss_legendre(16)
    first, second = (ends[side, None] + (ends[1] - ends[0]) * nodes for side in panels)
    energies = _energy_of_two(network, settings, *np.broadcast_arrays(first[:, :, None], second[:, None, :]))
    return np.einsum("nab,a,b->n", np.exp(-(energies - energies.min()) / settings.temperature), weights, weights)


def _energy_of_two(network: Network, settings: Langevin, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    state = [np.full((first.size, 1), settings.input), first.reshape(-1, 1), second.reshape(-1, 1)]
    return energy(network, state).reshape(first.shape)


def _histograms(
    network: Network, settings: Langevin, step: float, fine_edges: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Counts of samples one time constant apart after the burn-in: (chain_group, bin, bin) and (unit, fine bin)."""
    per_group = settings.n_chains // N_CHAIN_GROUPS
    start = initial_state(network, np.full((N_CHAIN_GROUPS * per_group, 1), settings.input))
    path = langevin_path(network, start, temperature=settings.temperature, step=step, rng=rng)
    stride, burn_in = max(1, round(1 / step)), int(np.ceil(settings.burn_in / step))
    n_bins, n_fine = settings.n_bins, fine_bins_per_bin(settings) * settings.n_bins
    group = np.repeat(np.arange(N_CHAIN_GROUPS), per_group)
    counts = np.zeros(N_CHAIN_GROUPS * n_bins * n_bins, dtype=int)
    fine_counts = np.zeros((2, n_fine), dtype=int)
    for _, first, second in islice(path, burn_in, burn_in + stride * settings.n_samples, stride):
        fine = [np.searchsorted(fine_edges, unit[:, 0]) - 1 for unit in (first, second)]
        fine = np.clip(fine, 0, n_fine - 1)
        fine_counts += [np.bincount(unit, minlength=n_fine) for unit in fine]
        bins = fine // fine_bins_per_bin(settings)
        counts += np.bincount((group * n_bins + bins[0]) * n_bins + bins[1], minlength=counts.size)
    return counts.reshape(N_CHAIN_GROUPS, n_bins, n_bins), fine_counts
