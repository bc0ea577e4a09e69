"""The claims of the paper and of the extensions, judged from the datasets of the results."""

from . import (
    derivative_protocol,
    early_inference,
    learning,
    limits,
    relaxation,
    spiking_inference,
    spiking_learning,
    stdp_matching,
)

CLAIMS = tuple(
    sorted(
        (
            *relaxation.CLAIMS,
            *early_inference.CLAIMS,
            *limits.CLAIMS,
            *stdp_matching.CLAIMS,
            *learning.CLAIMS,
            *derivative_protocol.CLAIMS,
            *spiking_inference.CLAIMS,
            *spiking_learning.CLAIMS,
        ),
        key=lambda claim: claim.id,
    )
)
"""Every claim, in the order of the table."""
