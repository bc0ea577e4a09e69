"""Euler steps to a stationary point with PyTorch's autograd, as published code writes them: the peer of a benchmark.

    python autograd_peer.py case.npz answer.npz

Runs in an environment with PyTorch and without this project (`requirements-torch.lock`). The free layers are leaves,
the energy of the batch is differentiated by `backward()` at every step, and the whole batch goes on until its last
pattern is at rest: s ← s − ε ∂E/∂s, clamped to [0, 1] for the hard sigmoid.

case : input, weight_1 …, bias_1 …, activation, step, tolerance, repeats. answer : state_1 …, seconds, n_steps.
"""

import sys
import time

import numpy as np
import torch

RATES = {"logistic": torch.sigmoid, "tanh": torch.tanh, "hard_sigmoid": lambda state: torch.clamp(state, 0, 1)}
LOOK = 10
"""Steps between two looks at the residual: published code takes a fixed number of steps and never looks."""


def relax(clamped, weights, biases, name, step, tolerance):
    """The free layers at rest and the number of steps."""
    rate, bounded = RATES[name], name == "hard_sigmoid"
    layers = [torch.zeros(len(clamped), len(bias), dtype=clamped.dtype, requires_grad=True) for bias in biases]
    for n_steps in range(1_000_000):
        rates = [rate(clamped), *map(rate, layers)]
        energy = sum(0.5 * (layer**2).sum() for layer in layers)
        for below, here, weight, bias in zip(rates[:-1], rates[1:], weights, biases, strict=True):
            energy = energy - ((below @ weight + bias) * here).sum()
        energy.backward()
        with torch.no_grad():
            if n_steps % LOOK == 0:
                ahead = [layer - layer.grad for layer in layers]
                if bounded:
                    ahead = [layer.clamp(0, 1) for layer in ahead]
                if max((one - other).abs().max() for one, other in zip(ahead, layers, strict=True)) < tolerance:
                    return layers, n_steps
            for layer in layers:
                layer -= step * layer.grad
                if bounded:
                    layer.clamp_(0, 1)
                layer.grad = None
    raise ArithmeticError("no rest after 1 000 000 steps")


def main(case, answer):
    """One repetition to warm up, then as many as asked for; the median time counts."""
    torch.set_num_threads(1)
    given = np.load(case)
    n_layers = sum(name.startswith("weight_") for name in given)
    of_layers = (
        [torch.from_numpy(given[f"{kind}_{layer}"]) for layer in range(1, n_layers + 1)] for kind in ("weight", "bias")
    )
    arguments = (torch.from_numpy(given["input"]), *of_layers, str(given["activation"]))
    seconds = []
    for _ in range(1 + int(given["repeats"])):
        started = time.process_time()
        layers, n_steps = relax(*arguments, float(given["step"]), float(given["tolerance"]))
        seconds.append(time.process_time() - started)
    states = {f"state_{index}": layer.detach().numpy() for index, layer in enumerate(layers, start=1)}
    np.savez(answer, seconds=np.median(seconds[1:]), n_steps=n_steps, **states)


if __name__ == "__main__":
    main(*sys.argv[1:])
