"""The numbers of the article, written to one file, from which its text in `article/` reads all of them."""

import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typst

from ..claims import CLAIMS
from ..claims.table import count_for_readers
from ..stdp.windows import Window
from .logs import JobFailed
from .numbers import format_number, powers

OUTCOMES = {
    "replicated": "held",
    "supported": "held",
    "replicated; limits found": "limits",
    "supported; limits found": "limits",
    "partly replicated": "partly",
    "partly supported": "partly",
    "not replicated": "failed",
    "refuted": "failed",
    "not judged": "open",
    "reported": "reported",
}
"""Verdict -> the word by which the text chooses its sentences."""


@dataclass(frozen=True)
class Quote:
    """A number that the text quotes: of all findings of a claim that fit, the one that `pick` chooses.

    claim : id, or the beginning of one
    metric : how the name of the metric begins
    condition : what the name of the condition contains
    metric_end : how the name of the metric ends
    value : "observed", mostly a median over networks, or "worst", that of the worst case
    """

    claim: str
    metric: str
    pick: Callable[..., float]
    condition: str = ""
    metric_end: str = ""
    value: str = "observed"

    def of(self, claims: Sequence[Mapping[str, Any]]) -> str | None:
        """The number as text; None where the build has none, and the text goes without the sentence."""
        found = [
            finding[self.value]
            for row in claims
            for finding in row["findings"]
            if row["id"].startswith(self.claim)
            and finding["metric"].startswith(self.metric)
            and finding["metric"].endswith(self.metric_end)
            and self.condition in finding["condition"]
            and finding[self.value] is not None
        ]
        return format_number(self.pick(found)) if found else None


QUOTES = {
    "residual": Quote("A4", "max|R(s) − s|", max, value="worst"),
    "solver_distance": Quote("A4", "largest difference between the states", max, value="worst"),
    "late_loss": Quote("B3", "time at which cos(ds/dt, δ)", min),
    "rate_cosine": Quote("B4", "smallest cos(ΔW, −∂C/∂W)", min, metric_end="rule rate"),
    "velocity_cosine": Quote("B4", "smallest cos(ΔW, −∂C/∂W)", min, metric_end="rule velocity"),
    "nudge_cosine": Quote("B5", "cos(ΔW, −∂C/∂W) at β", min),
    "depth_cosine": Quote("B5", "cos(ΔW, −∂C/∂W), weights 1", min, metric_end="hidden layers"),
    "depth_size": Quote("B5", "|ΔW| / (β |∂C/∂W|), weights 1", max, metric_end="hidden layers"),
    "random_feedback_cosine": Quote("B5", "cos(ΔW, −∂C/∂W), weights 1, feedback at 90°", max),
    "least_repeats": Quote("B5", "repeats needed for cos 0.9, weights 1", min),
    "stationary_points": Quote("B5", "stationary points found", max),
    "pooled_correlation": Quote(
        "C3", "correlation r of ΔW with r_i r_j' over conditions", min, "antisymmetric, all_to_all"
    ),
    "threshold_misfit": Quote("C4a", "rms distance from the exponential window", max),
    "poisson_rank": Quote("C4b", "rank correlation", min),
    "spiking_cosine": Quote(
        "D1",
        "cosine of E[ΔW] with minus the gradient",
        min,
        "logistic, antisymmetric, all_to_all, change at constant rates kept",
    ),
    "digits_rate": Quote("D2", "test error, percent, rate", max, "two_hidden_layers"),
    "digits_equilibrium": Quote("D2", "test error, percent, symmetric", max, "two_hidden_layers"),
    "digits_backprop": Quote("D2", "test error, percent, backprop", max, "two_hidden_layers", metric_end="backprop"),
    "deep_lagging": Quote("D4", "test error, percent", max, "three_hidden_layers, lagging, N = 100"),
    "deep_prospective": Quote("D4", "test error, percent", max, "three_hidden_layers, prospective, N = 100"),
    "deep_lagging_mean": Quote("D4", "test error, percent", max, "three_hidden_layers, lagging, N = ∞"),
    "deep_prospective_mean": Quote("D4", "test error, percent", max, "three_hidden_layers, prospective, N = ∞"),
    "deep_output": Quote("D4", "test error, percent", max, "three_hidden_layers, output_alone"),
    "shallow_spikes": Quote("D4", "test error, percent", max, "one_hidden_layer, lagging, N = 100"),
    "shallow_backprop": Quote("D4", "test error, percent", max, "one_hidden_layer, backprop"),
    "measured_plus": Quote("D6", "test error of the measured window under +β alone", min),
}
"""Name in the text -> number."""


def article_data(
    claims: Sequence[Mapping[str, Any]],
    *,
    captions: Mapping[str, str],
    sections: Mapping[str, Sequence[str]],
    commits: Mapping[str, set[str]],
    configuration: Mapping[str, Any],
    windows: Mapping[str, Mapping[str, float]],
) -> dict[str, Any]:
    """All that the text of the article reads, as text that is ready to be set.

    claims : the rows of `claims.json`
    captions : figure -> its caption in Markdown, as its notebook wrote it
    sections : figure -> the sections of the configuration, and experiments, that it rests on
    commits : figure -> those at which its results were made
    windows : name -> its four numbers
    """
    return {
        **from_claims(claims),
        "figures": {
            name: {
                "caption": caption_pieces(caption),
                "sections": list(sections[name]),
                "commits": sorted(_short(commit) for commit in commits[name]),
            }
            for name, caption in captions.items()
        },
        "configuration": _as_text(configuration),
        "windows": {
            name: _window(name, numbers, configuration["stdp_matching"]["mean_rate_hz"])
            for name, numbers in windows.items()
        },
    }


def from_claims(claims: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The part of `article_data` that comes from the table of claims."""
    return {
        "claims": [_claim(row) for row in claims],
        "known_claims": [claim.id for claim in CLAIMS],
        "verdicts": {
            "paper": Counter(OUTCOMES[row["verdict"]] for row in claims if not row["id"].startswith("D")),
            "ours": Counter(OUTCOMES[row["verdict"]] for row in claims if row["id"].startswith("D")),
        },
        "facts": {"rate_rule_as_equilibrium": _met(claims, "D2", "that of equilibrium propagation")},
        "quotes": {name: quote.of(claims) for name, quote in QUOTES.items()},
    }


def _met(claims: Sequence[Mapping[str, Any]], claim: str, metric: str) -> bool:
    """Whether every finding of `claim` about `metric` meets its criterion; not so without any."""
    findings = [finding for row in claims if row["id"] == claim for finding in row["findings"]]
    met = [finding["met"] == "yes" for finding in findings if metric in finding["metric"]]
    return bool(met) and all(met)


def _claim(row: Mapping[str, Any]) -> dict[str, Any]:
    low, observed, high = (
        None if row[name] is None else format_number(row[name])
        for name in ("interval_low", "observed", "interval_high")
    )
    return {
        **{name: row[name] for name in ("id", "statement", "kind", "verdict", "reason", "interval")},
        "outcome": OUTCOMES[row["verdict"]],
        "metric": powers(row["metric"]),
        "criterion": re.sub(r"(?<!\w)-(?=\d)", "−", powers(row["criterion"])),
        "condition": row["condition"].replace("_", " "),
        "observed": observed,
        "range": None if low is None else [low, high],
        "central": count_for_readers(row["central_conditions_met"]),
        "undecided": row["central_undecided"],
        "lost": row["central_lost"].replace("_", " "),
        "reach": row["reach"].replace("_", " "),
    }


def _window(name: str, numbers: Mapping[str, float], rate_hz: float) -> dict[str, Any]:
    window = Window(name, **numbers)
    offset = window.integral_s / window.first_moment_s2 if window.first_moment_s2 else 0.0
    balanced = abs(window.integral_s) < 1e-12
    return {
        **{key: format_number(number) for key, number in numbers.items()},
        "balanced": balanced,
        "offset_per_s": "0" if balanced else format_number(offset),
        "slope_hz_per_s": format_number(abs(offset * rate_hz)),
    }


def _as_text(value: Any) -> Any:
    """The same with every number as text."""
    if isinstance(value, Mapping):
        return {key: _as_text(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_text(inner) for inner in value]
    if isinstance(value, float):
        return format_number(value)
    return value if isinstance(value, bool | None | str) else str(value)


def _short(commit: str) -> str:
    """A commit by its first twelve digits; what is none stays as it is."""
    return re.sub(r"^([0-9a-f]{12})[0-9a-f]{28}", r"\1", commit)


def caption_pieces(markdown: str) -> list[list[str]]:
    """A caption as pairs of a style (text, strong, code) and a text, without its "Figure 1."."""
    text = re.sub(r"\*\*Figure \d+[^.]*\. ", "**", " ".join(markdown.split()), count=1)
    pieces = re.split(r"\*\*(.+?)\*\*|`(.+?)`", text)
    styles = ("text", "strong", "code")
    found = [[styles[index % 3], piece] for index, piece in enumerate(pieces) if piece]
    return [[style, powers(piece) if style != "code" else piece] for style, piece in found]


def pdf(sources: Path, data: Mapping[str, Any], images: Iterable[Path]) -> bytes:
    """The article: `sources/article.typ` with the figures and with `data`, the same bytes each time.

    Raises JobFailed with the words of Typst, at a warning too.
    """
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for file in (*filter(Path.is_file, sources.iterdir()), *images):
            shutil.copyfile(file, root / file.name)
        (root / "article.json").write_text(as_json(data), encoding="utf-8")
        try:
            # no fonts of the computer: others would break lines elsewhere
            content, warnings = typst.compile_with_warnings(root / "article.typ", root=root, ignore_system_fonts=True)
        except typst.TypstError as error:
            raise JobFailed(f"Typst could not typeset the article:\n{error.diagnostic or error}") from error
    if warnings:
        raise JobFailed(
            "Typst reports warnings for the article:\n" + "\n".join(str(warning.diagnostic) for warning in warnings)
        )
    return content


def as_json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
