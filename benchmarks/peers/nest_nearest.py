"""Nearest-neighbour STDP in NEST: python nest_nearest.py SPIKES.npz WEIGHTS.npz, in an environment that has NEST.

`stdp_nn_pre_centered_synapse` with additive updates (mu = 0): each presynaptic spike with the last postsynaptic one
before it and with the first one after it. Every pair is a synapse between two parrots that repeat its trains.
"""

import sys
import time

import nest
import numpy as np

DELAY_MS = 1.0
LEAD_IN_MS = 1000.0  # silence first: before its first spike NEST's synapse believes in a presynaptic one at time 0
REST_MS = 1000.0  # and after: updates wait for the next presynaptic spike, which a last one provides
ROOM = 1e6  # weights are kept between 0 and this; they start in the middle


def generators(spikes, name, last_ms=()):
    """One spike generator per pair that repeats its train."""
    trains = np.split(spikes[f"{name}_step"], np.cumsum(np.bincount(spikes[f"{name}_pair"], minlength=n_pairs))[:-1])
    times = [np.concatenate([LEAD_IN_MS + np.round(train * step_ms, 6), last_ms]) for train in trains]
    return nest.Create("spike_generator", n_pairs, params=[{"spike_times": t.round(6).tolist()} for t in times])


spikes = np.load(sys.argv[1], allow_pickle=False)
n_pairs, step_ms = int(spikes["n_pairs"]), float(spikes["step_ms"])
duration_ms = LEAD_IN_MS + float(spikes["duration_ms"]) + REST_MS
nest.ResetKernel()
nest.set_verbosity("M_ERROR")
nest.SetKernelStatus({"resolution": step_ms})
post = nest.Create("parrot_neuron", n_pairs, params={"tau_minus": float(spikes["tau_minus_ms"])})
pre = nest.Create("parrot_neuron", n_pairs)
one_to_one = {"rule": "one_to_one"}
nest.Connect(generators(spikes, "post"), post, one_to_one, {"delay": DELAY_MS})
# the synapse's delay is dendritic: it puts postsynaptic spikes off, so the presynaptic ones start that much later
nest.Connect(generators(spikes, "pre", [duration_ms]), pre, one_to_one, {"delay": 2 * DELAY_MS})
nest.Connect(
    pre,
    post,
    one_to_one,
    {
        "synapse_model": "stdp_nn_pre_centered_synapse",
        "receptor_type": 1,  # parrots do not repeat what arrives here
        "delay": DELAY_MS,
        "weight": ROOM / 2,
        "Wmax": ROOM,
        "lambda": float(spikes["a_plus"]) / ROOM,
        "alpha": float(spikes["a_minus"] / spikes["a_plus"]),
        "mu_plus": 0.0,
        "mu_minus": 0.0,
        "tau_plus": float(spikes["tau_plus_ms"]),
    },
)
nest.Prepare()
start = time.process_time()
nest.Run(np.round(duration_ms + 10 * DELAY_MS, 6))
seconds = time.process_time() - start
nest.Cleanup()
connections = nest.GetConnections(pre, post)
order = np.argsort(connections.source)
np.savez(sys.argv[2], weight_change=np.array(connections.weight)[order] - ROOM / 2, seconds=seconds)
