"""Claim by claim: what the paper says, what the results show, and the verdict. Knows datasets only."""

from . import early_inference, limits, stationary_point, stdp

<<<<<<< HEAD
_MODULES = (stationary_point, early_inference, limits, stdp)

CLAIMS = tuple(sorted((claim for module in _MODULES for claim in module.CLAIMS), key=lambda claim: claim.id))
=======
CLAIMS = tuple(
    sorted(
        (*stationary_point.CLAIMS, *early_inference.CLAIMS, *limits.CLAIMS, *stdp.CLAIMS), key=lambda claim: claim.id
    )
)
>>>>>>> main
"""Every claim, in the order of the table."""
