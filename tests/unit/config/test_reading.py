"""YAML errors are rejected with file and line."""

import pytest

from stdp_backprop.config import InvalidConfiguration
from stdp_backprop.config.reading import read_strictly

ERRORS = {
    "seed: 1\nseed: 2\n": r"mine\.yaml, line 2: the key 'seed' is given again; it stands in line 1 already",
    "a:\n  b: 1\n  c: 2\n  b: 3\n": r"line 4: the key 'b' is given again; it stands in line 2",
    "a: [1, 2\n": r"mine\.yaml, line 2, column 1: not valid YAML",
    "a:\n\tb: 1\n": r"mine\.yaml, line 2, column 1: not valid YAML \(found character '\\t'",
    "": r"mine\.yaml: found no sections",
    "seed: 020170311\n": r"mine\.yaml, line 1: seed: found 020170311, which YAML reads as 4255945; allowed are "
    "plain dec",
    "a:\n  b: [1, 1:30]\n": r"mine\.yaml, line 2: a\.b\[1\]: found 1:30, which YAML reads as 90",
    "a: 0x10\n": r"line 1: a: found 0x10, which YAML reads as 16",
    "a: 0b11\n": r"line 1: a: found 0b11, which YAML reads as 3",
    "a: 1_000\n": r"line 1: a: found 1_000, which YAML reads as 1000",
    "a: 1:30.5\n": r"line 1: a: found 1:30\.5, which YAML reads as 90\.5",
    "- 1\n- 2\n": r"mine\.yaml: found no sections",
}


@pytest.mark.parametrize("text", ERRORS)
def test_an_error_in_the_yaml_is_rejected_with_its_line(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InvalidConfiguration, match=ERRORS[text]) as caught:
        read_strictly(path)
    assert str(path) in str(caught.value)


def test_a_missing_and_a_foreign_file_are_rejected_by_name(tmp_path):
    with pytest.raises(InvalidConfiguration, match=r"absent\.yaml: cannot be read \(No such file or directory\)"):
        read_strictly(tmp_path / "absent.yaml")
    (tmp_path / "latin.yaml").write_bytes("a: é".encode("latin-1"))
    with pytest.raises(
        InvalidConfiguration, match=r"latin\.yaml, line 1: not a text file in UTF-8 .*é.*; save it as UTF-8"
    ):
        read_strictly(tmp_path / "latin.yaml")


def test_the_same_key_in_two_sections_is_no_repetition(tmp_path):
    (tmp_path / "mine.yaml").write_text("a: {step: 1}\nb: {step: 2}\n")
    assert read_strictly(tmp_path / "mine.yaml") == {"a": {"step": 1}, "b": {"step": 2}}


def test_plain_decimal_numbers_are_read_as_they_are_written(tmp_path):
    """But 1e-6 is text to YAML."""
    (tmp_path / "mine.yaml").write_text("a: [0, -1, +2, 10, 0.5, .5, 5., 1.0e-6, -2.5E+3, '1:30', 1e-6]\n")
    assert read_strictly(tmp_path / "mine.yaml") == {"a": [0, -1, 2, 10, 0.5, 0.5, 5.0, 1e-6, -2500.0, "1:30", "1e-6"]}


def test_a_byte_order_mark_of_utf_8_is_no_part_of_the_first_key(tmp_path):
    (tmp_path / "mine.yaml").write_bytes(b"\xef\xbb\xbfseed: 3\n")
    assert read_strictly(tmp_path / "mine.yaml") == {"seed": 3}
