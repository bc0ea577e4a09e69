"""Which source files a script, a test or a notebook runs: the modules it imports, directly or through others.

Snakemake sees the script of a rule but not what the script imports. The files found here are inputs of the rule, so
that an edited module reruns the jobs that run it and no other. They are read, never imported.

The package `config` is left out. Its models only accept or refuse values; what they accepted reaches a job through
`params`, value by value, and a change there reruns the job. A new key of one experiment thus leaves the others alone.
"""

import ast
import json
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
    for name in _imported_names(ast.parse(_code(path), filename=str(path)), path, package):
        files.update(dict.fromkeys(_files_of(name, package)))
    return tuple(files)


def _code(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    lines = "\n".join("".join(cell["source"]) for cell in cells).splitlines()
    return "\n".join("pass" if line.lstrip().startswith(("%", "!")) else line for line in lines)


def _imported_names(tree: ast.AST, path: Path, package: Path) -> Iterator[str]:
    """Absolute dotted names that may be modules: `from a import b` gives `a.b`, which may also be a name in `a`."""
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = [node.module] if node.module else []
            if node.level:
                start = [*_package_of(path, package)[: 1 - node.level or None], *start]
            yield from (".".join([*start, alias.name]) for alias in node.names)


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Every statement, however deep in functions and branches; not the expressions in them, which import nothing."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield child
            yield from _statements(child)


def _package_of(path: Path, package: Path) -> list[str]:
    """The dotted package that holds the module at `path`, in parts: what a single leading dot means there."""
    return [package.name, *path.parent.relative_to(package).parts]


def _files_of(name: str, package: Path) -> Iterator[Path]:
    """The files that importing `name` runs: the `__init__` of each package on the way, then the module."""
    top, *parts = name.split(".")
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
