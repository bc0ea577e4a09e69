"""Replication of Bengio, Mesnard, Fischer, Zhang & Wu (2017), Neural Computation 29:555.

A network of leaky integrators relaxes to a stationary point of an energy, its output is nudged towards a
target, and the first movements of the hidden units are compared with the backpropagated errors; the weight
update that this suggests is compared with spike-timing-dependent plasticity.
"""

__version__ = "0.1.0"
