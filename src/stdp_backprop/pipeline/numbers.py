"""Formatting of numbers for the site and the article."""

import math
import re

_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def format_number(value: float) -> str:
    """Three digits; powers of ten for small and large numbers, and more digits close to 1."""
    if value < 0:
        return f"−{format_number(-value)}"
    missing = abs(1 - value)
    if 1e-9 < missing < 5e-3:
        return f"{value:.{1 + math.ceil(-math.log10(missing))}f}".rstrip("0").rstrip(".")
    if value != 0 and not 1e-3 <= value < 1e5:
        return powers(f"{value:.1e}")
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def powers(text: str) -> str:
    """The text with 10⁻¹² for 1e-12 and 2.5 × 10⁻⁹ for 2.5e-09."""

    def power(match: re.Match) -> str:
        digits, exponent = float(match[1]), str(int(match[2])).translate(_RAISED)
        return f"10{exponent}" if digits == 1 else f"{digits:g} × 10{exponent}"

    return re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)e([+-]?\d+)\b", power, text)
