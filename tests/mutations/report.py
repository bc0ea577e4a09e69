"""One-line mutations of verdicts and tables: (file, line, replacement, test file), each of which must be noticed.

`line` occurs once in src/stdp_backprop/`file`; the test file is below tests/.
"""

_CLAIMS, _VARIATION = "unit/claims/test_claims.py", "unit/claims/test_variation.py"

MUTATIONS = (
    ("claims/verdict.py", "2 * met >= len(of_the_source)", "met > 0", _CLAIMS),
    ("claims/verdict.py", "2 * met >= len(of_the_source)", "2 * met > len(of_the_source)", _CLAIMS),
    ("claims/verdict.py", "[finding for finding in judged if central(finding)] or judged", "judged", _CLAIMS),
    (
        "claims/stdp_matching.py",
        'window == "antisymmetric" and pairing',
        'window == "anti_symmetric" and pairing',
        _CLAIMS,
    ),
    ("claims/variation.py", '.median("network").fillna(np.inf)', '.median("network").fillna(-np.inf)', _VARIATION),
    ("claims/variation.py", "known = samples[np.isfinite(samples)]", "known = samples", _VARIATION),
)
