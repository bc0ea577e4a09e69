"""Configuration files, read so that no mistake in the YAML itself goes unnoticed."""

from collections.abc import Hashable
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


def read_strictly(path: str | Path) -> dict[str, Any]:
    """The mapping in the YAML file at `path`. Raises InvalidConfiguration, which names the file and the line."""
    try:
        raw = yaml.load(Path(path).read_text(encoding="utf-8"), _StrictLoader)  # a SafeLoader: it runs no code
    except OSError as error:
        raise InvalidConfiguration([f"{path}: cannot be read ({error.strerror})"]) from None
    except UnicodeDecodeError:
        raise InvalidConfiguration([f"{path}: not a text file in UTF-8"]) from None
    except _BadKey as error:
        raise InvalidConfiguration([f"{path}, {error}"]) from None
    except RecursionError:
        raise InvalidConfiguration([f"{path}: lists or sections lie in one another hundreds deep"]) from None
    except yaml.YAMLError as error:
        raise InvalidConfiguration([f"{path}{_where(error)}"]) from None
    if not isinstance(raw, dict):
        raise InvalidConfiguration([f"{path}: found no sections; a configuration is made of lines like `seed: 1`"])
    if TEMPLATE in raw:
        raise InvalidConfiguration([f"{path}: {TEMPLATE}: found a template with Python in it; allowed is plain YAML"])
    return raw


def _where(error: yaml.YAMLError) -> str:
    """Line and nature of a YAML mistake."""
    mark = getattr(error, "problem_mark", None)
    place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return f"{place}: not valid YAML ({getattr(error, 'problem', None) or error})"
