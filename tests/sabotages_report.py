"""One-line sabotages of verdicts and report: (file, line, replacement, test file), each of which must be noticed.

`line` occurs once in src/stdp_backprop/`file`; the test file is below tests/.
"""

_CLAIMS, _VERDICTS = "unit/claims/test_claims.py", "unit/report/test_verdicts.py"
_VARIATION, _LINKS = "unit/report/test_variation.py", "unit/report/test_links.py"

SABOTAGES = (
    ("claims/verdict.py", "2 * met >= len(of_the_source)", "met > 0", _CLAIMS),
    ("claims/verdict.py", "2 * met >= len(of_the_source)", "2 * met > len(of_the_source)", _CLAIMS),
    ("claims/verdict.py", "[finding for finding in judged if central(finding)] or judged", "judged", _CLAIMS),
    (
        "claims/stdp_matching.py",
        'window == "antisymmetric" and pairing',
        'window == "anti_symmetric" and pairing',
        _CLAIMS,
    ),
    ("report/verdicts.py", "'Largely' if exceptions else 'Yes'", "'Yes' if exceptions else 'Largely'", _VERDICTS),
    ("report/verdicts.py", '"No." if kinds == {"no"} else "In part."', '"In part."', _VERDICTS),
    ("report/verdicts.py", "{met - central_met} of {judged - central}", "{met} of {judged - central}", _VERDICTS),
    ("report/variation.py", '.median("network").fillna(np.inf)', '.median("network").fillna(-np.inf)', _VARIATION),
    ("report/variation.py", "known = samples[np.isfinite(samples)]", "known = samples", _VARIATION),
    ("report/links.py", "if match[1] in keys else match[0]", "if match[1] else match[0]", _LINKS),
    ("report/links.py", "if claim not in seen", "if claim", _LINKS),
)
