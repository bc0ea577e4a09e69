"""Networks with more or fewer hidden layers. Part `depth` of `limits`."""

from itertools import pairwise
from math import factorial

import numpy as np

from ...config.limits import Limits
from ...energy.network import Network, initial_state
from ...plasticity.alignment import norm_ratio
from ...plasticity.weight_change import RelaxedEnsemble, cosines, early_change
from ...relaxation.euler import alternating_sweeps, try_relax
from ..ensemble import mask_cases, state_or_start
from ..labels import attrs


def depth_variables(settings: Limits, cases: RelaxedEnsemble, limits: dict, rng: np.random.Generator) -> dict:
    """Cosine and size of the change of the weights from the input, the furthest from the nudge, by depth.

    limits : tolerance and largest number of sweeps of a relaxation
    """
    aligned, sizes, expected = [], [], []
    for depth, child in zip(settings.hidden_layers, rng.spawn(len(settings.hidden_layers)), strict=True):
        network = networks_of_depth(cases.network, depth, child)
        start = initial_state(network, cases.state[0])
        state, at_rest = try_relax(alternating_sweeps(network, start), **limits)
        deep = RelaxedEnsemble(network, state_or_start(state, at_rest, start), cases.target)
        run = {"time": settings.time, "n_steps": settings.n_steps}
        change = early_change(deep.origin, deep.target, [settings.nudge], **run)[0][0]
        gradient = deep.gradient[0]
        aligned.append(mask_cases(cosines([change], [gradient])[0], at_rest))
        sizes.append(mask_cases(norm_ratio(change / settings.nudge, gradient), at_rest))
        expected.append(settings.time ** (depth + 1) / factorial(depth + 1))
    dims = ("hidden_layers", "network", "pattern")
    return {
        "depth_cosine": (dims, np.stack(aligned), attrs("1", "cosine with backprop, weights from the input")),
        "depth_size": (dims, np.stack(sizes), attrs("1", "|change| / (β |gradient|), weights from the input")),
        "depth_size_expected": (
            ("hidden_layers",),
            np.array(expected),
            attrs("1", "t^(d+1)/(d+1)! with d the number of hidden layers"),
        ),
    }


def networks_of_depth(network: Network, n_hidden: int, rng: np.random.Generator) -> Network:
    """Networks with `n_hidden` hidden layers as wide as the first one of `network`, drawn from the same distribution.

    Entries are drawn, with replacement, from all weights of the same network in multiples of the Glorot bound of
    their matrix, and from all its biases. Network k uses the k-th child of `rng` only.
    """
    n_input, width, *_, n_output = network.layer_sizes
    sizes = (n_input, *[width] * n_hidden, n_output)
    children = rng.spawn(network.weights[0].shape[0])
    weights, biases = [], []
    for index, child in enumerate(children):
        pool = np.concatenate([(weight[index] / _glorot_bound(weight)).ravel() for weight in network.weights])
        bias_pool = np.concatenate([bias[index] for bias in network.biases])
        shapes = list(pairwise(sizes))
        weights.append([np.sqrt(6 / sum(shape)) * child.choice(pool, shape) for shape in shapes])
        biases.append([child.choice(bias_pool, size) for size in sizes[1:]])
    return Network(
        tuple(np.stack(layer) for layer in zip(*weights, strict=True)),
        tuple(np.stack(layer) for layer in zip(*biases, strict=True)),
        network.activation,
    )


def _glorot_bound(weight: np.ndarray) -> float:
    return np.sqrt(6 / sum(weight.shape[-2:]))
