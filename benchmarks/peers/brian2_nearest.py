"""Nearest-neighbour STDP in Brian2: python brian2_nearest.py SPIKES.npz WEIGHTS.npz, in an environment that has Brian2.

Each presynaptic spike with the last postsynaptic one before it (`after_one` is set, not added to) and with the first
one after it (`waiting` is emptied by a postsynaptic spike). Every pair is a synapse between two spike generators.
"""

import sys
import time

import numpy as np
from brian2 import SpikeGeneratorGroup, Synapses, defaultclock, ms, run

spikes = np.load(sys.argv[1], allow_pickle=False)
n_pairs = int(spikes["n_pairs"])
defaultclock.dt = float(spikes["step_ms"]) * ms
pre, post = (
    SpikeGeneratorGroup(n_pairs, spikes[f"{name}_pair"], spikes[f"{name}_step"] * float(spikes["step_ms"]) * ms)
    for name in ("pre", "post")
)
synapses = Synapses(
    pre,
    post,
    """
    w : 1
    dwaiting/dt = -waiting / tau_plus : 1 (event-driven)
    dafter_one/dt = -after_one / tau_minus : 1 (event-driven)
    """,
    on_pre="waiting += 1\nw -= a_minus * after_one",
    on_post="after_one = 1\nw += a_plus * waiting\nwaiting = 0",
    namespace={
        "tau_plus": float(spikes["tau_plus_ms"]) * ms,
        "tau_minus": float(spikes["tau_minus_ms"]) * ms,
        "a_plus": float(spikes["a_plus"]),
        "a_minus": float(spikes["a_minus"]),
    },
)
synapses.connect(j="i")
run(0 * ms)  # compiles, which is not counted
start = time.process_time()
run(float(spikes["duration_ms"]) * ms)
seconds = time.process_time() - start
np.savez(sys.argv[2], weight_change=np.array(synapses.w)[np.argsort(synapses.i)], seconds=seconds)
