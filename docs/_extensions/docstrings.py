"""Docstrings as they are written here, read as reStructuredText.

`name : meaning` is a field; what is indented (formulas, lists of terms) stands as it is; all marks but the backticks of
code are text.
"""

import re

FIELD = re.compile(r"(\w+(?:, \w+)*) : (.*)")
CODE = re.compile(r"(`[^`]+`)")


def as_restructured(lines):
    """The lines of a docstring in reStructuredText."""
    converted, part = [], "prose"
    for line in lines:
        if not line:
            part = "prose" if part == "fields" else part
            converted.append("")
            continue
        field, indented = FIELD.fullmatch(line), line.startswith(" ")
        now = part if indented and part != "prose" else "as it is" if indented else "fields" if field else "prose"
        if now != part:
            converted += ["", "::", ""] if now == "as it is" else [""]
        part = now
        if field and not indented:
            line = f":{field[1]}: {field[2]}"
        converted.append(line if part == "as it is" else _plain(line))
    return converted


def _plain(line):
    """Only code in backticks is marked; asterisks, bars and underscores are those of formulas and names."""
    parts = CODE.split(line)
    parts[::2] = [re.sub(r"([*|_\\])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def setup(app):
    def replace(app, what, name, item, options, lines):
        lines[:] = as_restructured(lines)

    app.connect("autodoc-process-docstring", replace)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
