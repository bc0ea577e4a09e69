"""Claim by claim: what the paper says, what the results show, and the verdict. Knows datasets only."""

from . import early_inference, extensions, stationary_point

CLAIMS = (*stationary_point.CLAIMS, *early_inference.CLAIMS, *extensions.CLAIMS)
"""Every claim, in the order of the table."""
