"""The digits, against what scikit-learn itself makes of its file."""

import numpy as np
import pytest

from stdp_backprop.pipeline.digits import load_digits


def test_the_digits_are_those_of_scikit_learn():
    """The script divides by 16: were they scaled otherwise, every number of the section would mean another thing."""
    expected, found = pytest.importorskip("sklearn.datasets").load_digits(), load_digits()
    assert found.target.dtype == expected.target.dtype
    np.testing.assert_array_equal(found.data, expected.data)
    np.testing.assert_array_equal(found.target, expected.target)
    assert found.data.shape == (1797, 64)
    assert (found.data.min(), found.data.max()) == (0, 16)
    assert set(found.target) == set(range(10))


def test_without_scikit_learn_it_is_named(monkeypatch):
    monkeypatch.setattr("stdp_backprop.pipeline.digits.find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="scikit-learn is not installed"):
        load_digits()
