"""Claim by claim: what the paper says, what the results show, and the verdict. Knows datasets only."""

from . import early_inference, limits, stationary_point, stdp

_MODULES = (stationary_point, early_inference, limits, stdp)

CLAIMS = tuple(sorted((claim for module in _MODULES for claim in module.CLAIMS), key=lambda claim: claim.id))
"""Every claim, in the order of the table."""
