"""Claim by claim: what the paper says, what the results show, and the verdict. Knows datasets only."""

from . import early_inference, limits, stationary_point, stdp

CLAIMS = tuple(
    sorted(
        (*stationary_point.CLAIMS, *early_inference.CLAIMS, *limits.CLAIMS, *stdp.CLAIMS), key=lambda claim: claim.id
    )
)
"""Every claim, in the order of the table."""
