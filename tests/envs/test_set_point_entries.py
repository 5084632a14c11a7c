"""Set-points and actions, there and back."""

from __future__ import annotations

import numpy as np

from tieline.envs.set_point_entries import Entries


def test_there_and_back_by_hand() -> None:
    """P of the third DER in 100 kW, Q of the first in 50 kvar."""
    entries = Entries(np.array([2, 0]), np.array([False, True]), np.array([100.0, 50]))
    der_kw = np.array([[1.0, 2.0, 3.0]])
    der_kvar = np.array([[4.0, 5.0, 6.0]])
    assert entries.taken(der_kw, der_kvar).tolist() == [[0.03, 0.08]]
    p_kw, q_kvar = entries.put(np.array([[0.5, -1.0]]), der_kw, der_kvar)
    assert p_kw.tolist() == [[1.0, 2.0, 50.0]]
    assert q_kvar.tolist() == [[-50.0, 5.0, 6.0]]
    assert der_kw.tolist() == [[1.0, 2.0, 3.0]]
