"""Claim by claim: what the paper says, what the results show, and the verdict. Knows datasets only."""

from . import derivative_protocol, early_inference, extensions, limits, spiking_inference, stationary_point, stdp

CLAIMS = tuple(
    sorted(
        (
            *stationary_point.CLAIMS,
            *early_inference.CLAIMS,
            *limits.CLAIMS,
            *stdp.CLAIMS,
            *extensions.CLAIMS,
            *derivative_protocol.CLAIMS,
            *spiking_inference.CLAIMS,
        ),
        key=lambda claim: claim.id,
    )
)
"""Every claim, in the order of the table."""
