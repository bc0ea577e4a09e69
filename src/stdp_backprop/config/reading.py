"""Configuration files, read so that no error in the YAML itself goes unnoticed."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from .messages import InvalidConfiguration

TEMPLATE = "__use_yte__"
"""The key by which a file asks Snakemake to run the Python in it. What --configfile names has been run by then."""


class _StrictLoader(yaml.SafeLoader):
    """YAML without its silent surprise: of a key given twice, the ordinary loader keeps the last value."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        lines: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise _BadKey(f"line {line}: a list or a section stands where a key belongs")
            if key.value in lines:
                raise _BadKey(
                    f"line {line}: the key {key.value!r} is given again; it stands in line {lines[key.value]} already"
                )
            lines[key.value] = line
        return super().construct_mapping(node, deep)


class _BadKey(Exception):
    """A key that YAML allows and a configuration does not."""


_PLAIN_NUMBERS = {
    "tag:yaml.org,2002:int": re.compile(r"[-+]?(0|[1-9][0-9]*)"),
    "tag:yaml.org,2002:float": re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+][0-9]+)?|[-+]?\.(inf|nan)", re.I),
}


def _ambiguous_numbers(node: yaml.Node, path: str = "", above: tuple[int, ...] = ()) -> Iterator[str]:
    """Numbers that YAML 1.1 reads in a way of its own: octal after a leading 0, base 60 with a colon, and the like."""
    if id(node) in above:  # a section that holds itself; the models reject it
        return
    above = (*above, id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _ambiguous_numbers(key, f"{path}{key.value}", above)
            yield from _ambiguous_numbers(value, f"{path}{key.value}.", above)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _ambiguous_numbers(item, f"{path.removesuffix('.')}[{index}].", above)
    elif node.tag in _PLAIN_NUMBERS and not _PLAIN_NUMBERS[node.tag].fullmatch(node.value):
        meant = yaml.safe_load(node.value)
        yield (
            f"line {node.start_mark.line + 1}: {path.removesuffix('.')}: found {node.value}, which YAML reads as "
            f"{meant}; allowed are plain decimal numbers, without a leading 0, colon, underscore or prefix"
        )


def read_strictly(path: str | Path) -> dict[str, Any]:
    """The mapping in the YAML file at `path`. Raises InvalidConfiguration, which names the file and the line."""
    try:
        loader = _StrictLoader(_decode(Path(path).read_bytes()))  # a SafeLoader: it runs no code
        node = loader.get_single_node()
        raw = loader.construct_document(node) if node else None
        ambiguous = [f"{path}, {line}" for line in _ambiguous_numbers(node)] if node else []
    except OSError as error:
        raise InvalidConfiguration([f"{path}: cannot be read ({error.strerror})"]) from None
    except UnicodeDecodeError as error:
        raise InvalidConfiguration([f"{path}{_foreign(error)}"]) from None
    except _BadKey as error:
        raise InvalidConfiguration([f"{path}, {error}"]) from None
    except RecursionError:
        raise InvalidConfiguration([f"{path}: lists or sections lie in one another hundreds deep"]) from None
    except yaml.YAMLError as error:
        raise InvalidConfiguration([f"{path}{_where(error)}"]) from None
    if ambiguous:
        raise InvalidConfiguration(ambiguous)
    if not isinstance(raw, dict):
        raise InvalidConfiguration([f"{path}: found no sections; a configuration is made of lines like `seed: 1`"])
    if TEMPLATE in raw:
        raise InvalidConfiguration([f"{path}: {TEMPLATE}: found a template with Python in it; allowed is plain YAML"])
    return raw


def laid_over(raw: Any, change: Any) -> Any:
    """`change` laid over `raw`, section by section, as Snakemake does with several configuration files."""
    if not (isinstance(raw, Mapping) and isinstance(change, Mapping)):
        return deepcopy(change)
    return {**raw, **{key: laid_over(raw.get(key), value) for key, value in change.items()}}


def read_in_turn(paths: Iterable[str | Path]) -> dict[str, Any]:
    """The mappings in the YAML files at `paths`, each laid over those before it, as the workflow hands them on.

    Without `sweep`, the path of another file, which the workflow takes out too. Raises InvalidConfiguration.
    """
    raw: dict[str, Any] = {}
    for path in paths:
        raw = laid_over(raw, read_strictly(path))
    raw.pop("sweep", None)
    return raw


def _decode(content: bytes) -> str:
    return content.decode("utf-8-sig")


def _foreign(error: UnicodeDecodeError) -> str:
    """Where a file stops being UTF-8, and what to do."""
    content = error.object
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ": not a text file in UTF-8 but in UTF-16; save it as UTF-8"
    line = content.count(b"\n", 0, error.start) + 1
    byte = content[error.start]
    return f", line {line}: not a text file in UTF-8 (byte {byte:#04x}; in Latin-1 {chr(byte)!r}); save it as UTF-8"


def _where(error: yaml.YAMLError) -> str:
    """Line and nature of a YAML error."""
    mark = getattr(error, "problem_mark", None)
    place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return f"{place}: not valid YAML ({getattr(error, 'problem', None) or error})"
