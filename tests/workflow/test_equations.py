"""docs/equations.md names functions and tests that exist, and has a row for each equation that a reader looks for."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in (ROOT / "docs" / "equations.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| equation"))
]
FUNCTIONS = {name for row in ROWS for name in re.findall(r"`([^`]+)`", row[2])}
TESTS = {tuple(name.split("::")) for row in ROWS for name in re.findall(r"`([^`]+)`", row[3])}


def names_in(path: Path) -> set[str]:
    """Functions and classes of a module, and the methods of its classes as Class.method."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
    return found


def all_names() -> set[str]:
    """Every function, class and method of the package as folder.module.name."""
    package = ROOT / "src" / "stdp_backprop"
    modules = {path: path.relative_to(package).with_suffix("").parts for path in package.rglob("*.py")}
    return {
        ".".join([*(part for part in parts if part != "__init__"), name])
        for path, parts in modules.items()
        for name in names_in(path)
    }


def test_every_function_exists():
    assert sorted(FUNCTIONS - all_names()) == []


def test_every_test_exists():
    assert sorted((file, name) for file, name in TESTS if name not in names_in(ROOT / "tests" / file)) == []


def test_every_row_names_a_function_and_a_test():
    assert len(ROWS) > 20
    for row in ROWS:
        assert len(row) == 4, row
        assert "`" in row[2], row
        assert "::test_" in row[3], row


def test_the_equations_of_equilibrium_propagation_are_all_there():
    """A reader who comes from [EP] looks for its numbers."""
    sources = " ".join(row[1] for row in ROWS)
    listed = {int(n) for part in re.findall(r"\[EP\] ([\d, ]+)", sources) for n in re.findall(r"\d+", part)}
    assert {1, 4, 8, 9, 10, 11, 12, 13, 14} <= listed
    assert {"[EI]", "[RBP]", "[NC]", "[STDP]", "[M]"} <= set(re.findall(r"\[[A-Z]+\]", sources))
