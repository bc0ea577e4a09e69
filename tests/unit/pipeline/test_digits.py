"""The digits, against what scikit-learn itself makes of its file."""

import numpy as np
import pytest

from stdp_backprop.pipeline.digits import load_digits


def test_the_digits_are_those_of_scikit_learn():
    expected, found = pytest.importorskip("sklearn.datasets").load_digits(), load_digits()
    assert found.target.dtype == expected.target.dtype
    np.testing.assert_array_equal(found.data, expected.data)
    np.testing.assert_array_equal(found.target, expected.target)


def test_without_scikit_learn_it_is_named(monkeypatch):
    monkeypatch.setattr("stdp_backprop.pipeline.digits.find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="scikit-learn is not installed"):
        load_digits()
