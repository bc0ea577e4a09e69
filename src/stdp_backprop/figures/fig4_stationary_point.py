"""The panels of figure 4: inference settles at a stationary point of the energy, and with noise samples exp(−E/T)."""

import json
from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..claims.relaxation import jackknife_error, total_variation
from ..relaxation.phases import N_SWEEPS
from .style import activation_label, activation_styles, label_point, median_and_range, panel_label, slope_guide

Ensembles = Mapping[str, xr.Dataset]
UNITS = {1: {"color": "#0072B2", "marker": "o"}, 2: {"color": "#D55E00", "marker": "s"}}
LINES = ("-", (0, (3, 1)), (0, (1, 1)))


def panels(figure: Figure, relaxed: Ensembles) -> dict[str, Axes | list[Axes]]:
    """The axes, by the panel's letter; `c` is a list, one for each activation function."""
    upper, lower = figure.add_gridspec(2, 1, height_ratios=[1.15, 1], hspace=0.05)
    axes = dict(zip("ab", upper.subgridspec(1, 2).subplots(), strict=True))
    n_functions = len(by_function(relaxed))
    *axes["c"], axes["d"] = lower.subgridspec(1, n_functions + 1, width_ratios=[*[1] * n_functions, 1.25]).subplots()
    for letter, ax in (("a", axes["a"]), ("b", axes["b"]), ("c", axes["c"][0]), ("d", axes["d"])):
        panel_label(ax, letter)
    return axes


def by_function(relaxed: Ensembles) -> dict[str, xr.Dataset]:
    """The first condition of each activation function: the chain under noise depends on nothing else."""
    names = {}
    for name, data in relaxed.items():
        names.setdefault(data.attrs["activation"], name)
    return {name: relaxed[name] for name in names.values()}


def draw_energy(ax: Axes, relaxed: Ensembles) -> None:
    """Energy above its final value along the Euler steps: median and central 95 % of the networks."""
    for name, style in activation_styles(relaxed).items():
        energy = relaxed[name]["energy"]
        above = (energy - energy.isel(step=-1)).isel(step=slice(None, -1)).median("pattern")
        label = activation_label(name)
        median_and_range(ax, above["step"], np.maximum(above, 1e-17), color=style["color"], label=label)
    ax.set(xlabel="Euler step", ylabel="energy above its final value", yscale="log", xlim=(0, None), ylim=(1e-14, 60))
    ax.legend(loc="upper right")


def solvers(relaxed: Ensembles) -> dict[str, tuple]:
    """Solver -> its line."""
    names = next(iter(relaxed.values()))["solver"].values
    return dict(zip(names, LINES, strict=False))


SOLVER_LABELS = {"euler": "Euler steps", "newton": "sweeps, then Newton"}


def solver_label(name: str) -> str:
    return SOLVER_LABELS.get(name, name.replace("_", " "))


def draw_residuals(ax: Axes, relaxed: Ensembles) -> None:
    """Largest |R(s) − s| along the iterations of each solver, until the last network and pattern has arrived."""
    first = next(iter(relaxed.values()))
    for name, style in activation_styles(relaxed).items():
        data = relaxed[name]
        for solver, line in solvers(relaxed).items():
            last = int(data["n_steps"].sel(solver=solver).max())
            iterations, kept = np.unique(np.minimum(data["step"], last), return_index=True)
            trace = data["residual_trace"].sel(solver=solver).median("pattern").isel(step=kept)
            median_and_range(ax, iterations, trace, color=style["color"], linestyle=line)
    for solver, line in solvers(relaxed).items():
        step = f", ε = {first.attrs['euler_step']:g}" if solver == "euler" else ""
        ax.plot([], [], color="0.3", linestyle=line, label=solver_label(solver) + step)
    tolerance = first.attrs["tolerance"]
    ax.axhline(tolerance, color="0.4", linewidth=0.8, linestyle=":")
    ax.set(xlabel="iteration", ylabel="residual max |R(s) − s|", yscale="log", xlim=(0, None))
    label_point(ax, ax.get_xlim()[1], tolerance, "tolerance", shift=(0, 2), ha="right", va="bottom")
    ax.legend(loc="upper right", handlelength=2.6)


def draw_marginals(axes: list[Axes], relaxed: Ensembles) -> None:
    """Density of each of two free units under Langevin dynamics with the smallest step, and that of exp(−E/T)."""
    for ax, (name, data) in zip(axes, by_function(relaxed).items(), strict=True):
        sampled = data["langevin_marginal"].sel(euler_step=data["euler_step"].min())
        centres = data["position"].values
        width = centres[1] - centres[0]
        edges = np.append(centres - width / 2, centres[-1] + width / 2)
        for unit, style in UNITS.items():
            expected = data["boltzmann_marginal"].sel(free_unit=unit).values / width
            ax.stairs(expected, edges, color=style["color"], baseline=None, linewidth=0.9)
            density = sampled.sel(free_unit=unit) / width
            ax.plot(centres, density, linestyle="", markersize=2.2, **style, label=f"unit {unit}")
        visible = np.flatnonzero((data["boltzmann_marginal"] > 1e-4).any("free_unit"))
        ax.set(xlim=(edges[visible[0]], edges[visible[-1] + 1]), ylim=(0, None), xlabel="state of the unit")
        ax.set_title(activation_label(name))
    axes[0].set_ylabel("probability density")
    axes[-1].legend(loc="upper left", handletextpad=0.1)


def draw_total_variation(ax: Axes, relaxed: Ensembles) -> None:
    """Distance of the joint histogram of both units from exp(−E/T), against the Euler step."""
    shown, all_styles = by_function(relaxed), activation_styles(relaxed)
    bottom = np.inf
    for name, data in shown.items():
        steps, distance, style = data["euler_step"].values, total_variation(data), all_styles[name]
        interval = [1.96 * jackknife_error(left_out) for left_out in distance[:, :-1]]
        single = 0.5 * np.abs(data["langevin_probability"] - data["boltzmann_probability"]).sum(("bin_1", "bin_2"))
        ax.plot(steps, single, "_", color=style["color"], markersize=4, markeredgewidth=0.4, alpha=0.6)
        ax.errorbar(steps, distance[:, -1], interval, **style, capsize=2, markersize=3.5, label=activation_label(name))
        bottom = min(bottom, distance[:, -1].min())
    low, high = steps.min(), steps.max()
    slope_guide(ax, (low, high), 0.6 * bottom, 1, "order 1")
    ax.set(xscale="log", yscale="log", xlabel="Euler step ε", ylabel="total variation")
    ax.set_xlim(low / 1.3, high * 1.3)
    ax.set_xticks(steps, [f"{step:g}" for step in steps])
    ax.minorticks_off()
    ax.legend(loc="upper left", borderaxespad=0, handlelength=1.5)
    ax.set_ylim(top=ax.get_ylim()[1] * 3)  # room for the legend


def caption(relaxed: Ensembles) -> str:
    first = next(iter(relaxed.values()))
    n_layers = sum(name.startswith("state_") for name in first.data_vars)
    sizes = " – ".join(str(first.sizes[f"unit_{layer}"]) for layer in range(n_layers))
    langevin = json.loads(first.attrs["configuration"])["relaxation"]["langevin"]
    worst = {
        kind: max(float(data[kind].max()) for data in relaxed.values())
        for kind in ("force_error", "energy_increase_max", "residual", "solver_distance")
    }
    iterations = "; ".join(
        f"{solver_label(solver)} "
        + ", ".join(
            f"{int(data['n_steps'].sel(solver=solver).max())} ({activation_label(name)})"
            for name, data in relaxed.items()
        )
        for solver in solvers(relaxed)
    )
    n_unique = sum(int(data["unique"].sum()) for data in relaxed.values())
    n_networks = sum(data.sizes["network"] for data in relaxed.values())
    counts = {(data.sizes["network"], data.sizes["pattern"]) for data in relaxed.values()}
    ensembles = (
        f"{first.sizes['network']} networks × {first.sizes['pattern']} patterns for each of these activations: "
        + ", ".join(map(activation_label, relaxed))
        if len(counts) == 1
        else "Networks × patterns: "
        + ", ".join(f"{activation_label(n)} {d.sizes['network']} × {d.sizes['pattern']}" for n, d in relaxed.items())
    )
    return f"""
**Figure 4. Inference settles at a stationary point of the energy.** {ensembles}; layers of {sizes} units, input
clamped. **a**, **b** Lines and bands: median and central 95 % of the networks, each the median over its patterns; the
residual is that of the worst unit. All cases reached {first.attrs["tolerance"]:g}, the last one after this number of
iterations, each of which costs one pass through all weight matrices: {iterations}. The last solver checks the residual
after every {N_SWEEPS} sweeps, which is one more pass, and turns to Newton's method where sweeps are slow; where they
are fast, it may need more iterations than sweeps alone. Convexity proves the stationary point to be the only one in
{n_unique} of {n_networks} networks (max ρ'² λ_max(K) < 1, K the weights between free layers). Largest values over all
networks and patterns of these ensembles: residual {worst["residual"]:.1e}, distance of another solver's point to that
of the Euler steps {worst["solver_distance"]:.1e}, change of the energy over one Euler step
{worst["energy_increase_max"]:+.1e}, relative error of R(s) − s as minus the gradient of the energy
{worst["force_error"]:.1e}; the table of claims gives medians over the networks of such values, also for any ensembles
selected for strong coupling. **c**, **d** {", ".join(map(activation_label, by_function(relaxed)))}:
{langevin["n_chains"]} chains × {langevin["n_samples"]} samples, one time constant apart, temperature
{langevin["temperature"]:g}; **c** Euler step ε = {float(first["euler_step"].min()):g}, samples (points) and exp(−E/T)
over the same bins (steps); **d** total variation over {first.sizes["bin_1"]} × {first.sizes["bin_2"]} bins, 95 %
intervals by jackknife over {first.sizes["chain_group"]} groups of chains; small dashes: each group alone, which adds
sampling noise.
"""
