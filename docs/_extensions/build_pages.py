"""Pages about a build: those of `TEMPLATES` are Jinja templates, filled in with what `build.json` says."""

import re
from pathlib import Path

from citations import explained_claims, link_citations, reference_keys
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

import stdp_backprop
from stdp_backprop.claims.table import count_for_readers
from stdp_backprop.pipeline.numbers import format_number, powers

TEMPLATES = ("index", "figures", "build", "workflow", "run_times", "variation", "api/")
VERDICTS = {
    "yes": ("✓", "replicated", "supported"),
    "partly": ("≈", "replicated; limits found", "partly replicated", "supported; limits found", "partly supported"),
    "no": ("✗", "not replicated", "refuted"),
    "open": ("–", "not judged", "reported"),
}


def kind(verdict):
    """The class that styles a verdict and sorts it."""
    return next(kind for kind, (_, *names) in VERDICTS.items() if verdict in names)


def share(counted):
    """The share in `3 of 5`."""
    met, total = map(int, counted.split(" of "))
    return met / total if total else 0.0


def modules(package):
    """A sub-package and the modules in it, whatever their depth, by name."""
    root = Path(stdp_backprop.__file__).parent
    names = (path.relative_to(root.parent).with_suffix("").parts for path in sorted((root / package).rglob("*.py")))
    return [".".join(name).removesuffix(".__init__") for name in names]


def environment(app):
    source = Path(app.srcdir)
    keys = reference_keys(source)
    found = Environment(
        loader=FileSystemLoader(source / "_templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,  # a misspelt name is an error, not an empty place
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters |= {
        "kind": kind,
        "mark": lambda verdict: VERDICTS[kind(verdict)][0],
        "share": share,
        "count_for_readers": count_for_readers,
        "format_number": lambda value: "–" if value is None else format_number(float(value)),
        "powers": powers,
        "cell": lambda text: text.replace("|", "\\|") or "none",  # of a table in Markdown
        "words": lambda name: name.replace("_", " "),
        "cited": lambda text: Markup(link_citations(str(escape(text)), keys)),
        "figure_label": lambda name: re.sub(r"fig(\d+)_.*", r"Fig. \1", name),
    }
    found.globals |= {"modules": modules, "explained": explained_claims(source), **app.config.pages_of_build}
    return found


def fill_in(app, name, source):
    if name.startswith(TEMPLATES):
        source[0] = app.jinja_of_build.from_string(source[0]).render()


def setup(app):
    app.add_config_value("pages_of_build", {}, "env", types=dict)
    app.connect("builder-inited", lambda app: setattr(app, "jinja_of_build", environment(app)))
    app.connect("source-read", fill_in)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
