"""The source files that a script, a test or a notebook runs: the modules it imports, directly or indirectly.

Snakemake sees the script of a rule but not what the script imports. The files found here are inputs of the rule, so
that an edited module reruns the jobs that run it and no other. They are read, never imported, and searched for lines
that begin with `import` or `from` (one statement a line, as the linter demands): every run of Snakemake reads them all,
and parsing would take it ten times longer.

The package `config` is left out. Its models only accept or reject values; what they accepted reaches a job through
`params`, value by value, and a change there reruns the job. A new key of one experiment thus leaves the others alone.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

NOT_FOLLOWED = "config"


def source_files(entry: Path, package: Path) -> list[Path]:
    """`entry` (a `.py` or `.ipynb` file) and every file of `package` that running it imports, sorted.

    package : folder of the top-level package, e.g. `src/stdp_backprop`; imports of anything else are not followed
    """
    found, waiting = set(), [entry]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imported_files(path, package))
    return [entry, *sorted(found - {entry})]


@cache
def _imported_files(path: Path, package: Path) -> tuple[Path, ...]:
    files: dict[Path, None] = {}
    for dots, module, name in imports(code_of(path)):
        start = _package_of(path, package)[: 1 - dots or None] if dots else []
        # `b` of `from a import b` may be a module, or a name in `a`
        files.update(dict.fromkeys(_files_of([*start, *filter(None, module.split(".")), *name.split(".")], package)))
    return tuple(files)


def code_of(path: Path) -> str:
    """The text of a `.py` file, or of the code cells of an `.ipynb` file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code")


_IMPORT = re.compile(
    r"""^[ \t]*(?:from[ \t]+(?P<dots>\.*)(?P<module>[\w.]*)[ \t]+)?import\b
        (?P<names>[ \t]*\((?:[^()\#]|\#.*)*\)|(?:[^\#\n\\]|\\\n)*)""",
    re.MULTILINE | re.VERBOSE,
)


def imports(code: str) -> Iterator[tuple[int, str, str]]:
    """Dots, module and name of each import: `from ..a import b` gives (2, "a", "b"), `import a.b` (0, "", "a.b")."""
    for statement in _IMPORT.finditer(code):
        for name in re.sub(r"#.*|[()\\]", "", statement["names"]).split(","):
            if name.strip():
                yield len(statement["dots"] or ""), statement["module"] or "", name.split()[0]


def _package_of(path: Path, package: Path) -> list[str]:
    """The dotted package that holds the module at `path`, in parts: what a single leading dot means there."""
    return [package.name, *path.parent.relative_to(package).parts]


def _files_of(name: list[str], package: Path) -> Iterator[Path]:
    """The files that importing `name`, in parts, runs: the `__init__` of each package on the way, then the module."""
    top, *parts = name
    if top != package.name or parts[:1] == [NOT_FOLLOWED]:
        return
    folder = package
    yield folder / "__init__.py"
    for part in parts:
        if (folder / part / "__init__.py").is_file():
            folder = folder / part
            yield folder / "__init__.py"
        else:
            if (folder / f"{part}.py").is_file():
                yield folder / f"{part}.py"
            return
