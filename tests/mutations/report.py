"""One-line mutations of verdicts and tables; see `mutation`."""

MUTATIONS = {
    ("claims/verdict.py", "unit/claims/test_claims.py"): [
        ("2 * met >= len(of_the_source)", "met > 0"),
        ("2 * met >= len(of_the_source)", "2 * met > len(of_the_source)"),
        ("2 * possible >= len(of_the_source)", "2 * possible > len(of_the_source)"),
        ("[finding for finding in judged if central(finding)] or judged", "judged"),
        ('self.source.startswith("ours")', "self.kind == PREDICTION"),
        ("self.kind == MEASUREMENT and any", "any"),
        ("[finding for finding in not_met if not finding.undecided] or not_met", "not_met"),
        ("ends if few else", "ends if False else"),
        ("[condition]) if len(lost) == 1 else", "[condition]) if False else"),
        ("(variance / (n_pairs - 3)) ** 0.5", "(variance / n_pairs) ** 0.5"),
    ],
    ("claims/early_inference.py", "unit/claims/test_early_claims.py"): [
        ("_order_in_time(loss, EARLY / 10)", "_order_in_time(loss)")
    ],
    ("claims/spiking_learning.py", "unit/experiments/test_spiking_learning.py"): [
        ("control - errors, at_least(0)", "errors - control, at_least(0)"),
        (' and not finding.condition.endswith("N = ∞")', ""),
    ],
    ("claims/stdp_matching.py", "unit/claims/test_claims.py"): [
        ('window == "antisymmetric" and pairing', 'window == "anti_symmetric" and pairing')
    ],
    ("claims/variation.py", "unit/claims/test_variation.py"): [
        ('.median("network").fillna(np.inf)', '.median("network").fillna(-np.inf)'),
        ("known = samples[np.isfinite(samples)]", "known = samples"),
    ],
}
