"""One-line mutations of verdicts and tables: (file, line, replacement, test file), each of which must be noticed.

`line` occurs once in src/stdp_backprop/`file`; the test file is below tests/.
"""

_CLAIMS, _VARIATION = "unit/claims/test_claims.py", "unit/claims/test_variation.py"
_EARLY, _SPIKING_LEARNING = "unit/claims/test_early_claims.py", "unit/experiments/test_spiking_learning.py"

MUTATIONS = (
    ("claims/verdict.py", "2 * met >= len(of_the_source)", "met > 0", _CLAIMS),
    ("claims/verdict.py", "2 * met >= len(of_the_source)", "2 * met > len(of_the_source)", _CLAIMS),
    ("claims/verdict.py", "2 * possible >= len(of_the_source)", "2 * possible > len(of_the_source)", _CLAIMS),
    ("claims/verdict.py", "[finding for finding in judged if central(finding)] or judged", "judged", _CLAIMS),
    ("claims/verdict.py", 'self.source.startswith("ours")', "self.kind == PREDICTION", _CLAIMS),
    ("claims/verdict.py", "self.kind == MEASUREMENT and any", "any", _CLAIMS),
    ("claims/verdict.py", "[finding for finding in not_met if not finding.undecided] or not_met", "not_met", _CLAIMS),
    ("claims/verdict.py", "ends if few else", "ends if False else", _CLAIMS),
    ("claims/verdict.py", "[condition]) if len(lost) == 1 else", "[condition]) if False else", _CLAIMS),
    ("claims/verdict.py", "(variance / (n_pairs - 3)) ** 0.5", "(variance / n_pairs) ** 0.5", _CLAIMS),
    ("claims/early_inference.py", "_order_in_time(loss, EARLY / 10)", "_order_in_time(loss)", _EARLY),
    ("claims/spiking_learning.py", "control - errors, at_least(0)", "errors - control, at_least(0)", _SPIKING_LEARNING),
    ("claims/spiking_learning.py", ' and not finding.condition.endswith("N = ∞")', "", _SPIKING_LEARNING),
    (
        "claims/stdp_matching.py",
        'window == "antisymmetric" and pairing',
        'window == "anti_symmetric" and pairing',
        _CLAIMS,
    ),
    ("claims/variation.py", '.median("network").fillna(np.inf)', '.median("network").fillna(-np.inf)', _VARIATION),
    ("claims/variation.py", "known = samples[np.isfinite(samples)]", "known = samples", _VARIATION),
)
