"""YAML mistakes are refused with file and line."""

import pytest

from stdp_backprop.config import InvalidConfiguration
from stdp_backprop.config.reading import read_strictly

MISTAKES = {
    "seed: 1\nseed: 2\n": r"mine\.yaml, line 2: the key 'seed' is given again; it stands in line 1",
    "a:\n  b: 1\n  c: 2\n  b: 3\n": r"line 4: the key 'b' is given again; it stands in line 2",
    "a: [1, 2\n": r"mine\.yaml, line 2, column 1: not valid YAML",
    "a:\n\tb: 1\n": r"mine\.yaml, line 2, column 1: not valid YAML \(found character '\\t'",
    "": r"mine\.yaml: found no sections",
    "- 1\n- 2\n": r"mine\.yaml: found no sections",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_the_yaml_is_refused_with_its_line(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InvalidConfiguration, match=MISTAKES[text]):
        read_strictly(path)


def test_a_missing_and_a_foreign_file_are_refused_by_name(tmp_path):
    with pytest.raises(InvalidConfiguration, match=r"absent\.yaml: cannot be read"):
        read_strictly(tmp_path / "absent.yaml")
    (tmp_path / "latin.yaml").write_bytes("a: é".encode("latin-1"))
    with pytest.raises(InvalidConfiguration, match=r"latin\.yaml, line 1: not a text file in UTF-8 .*é.*; save it as UTF-8"):
        read_strictly(tmp_path / "latin.yaml")


def test_the_same_key_in_two_sections_is_no_repetition(tmp_path):
    (tmp_path / "mine.yaml").write_text("a: {step: 1}\nb: {step: 2}\n")
    assert read_strictly(tmp_path / "mine.yaml") == {"a": {"step": 1}, "b": {"step": 2}}
