"""Parts of what is joined, against a worked case and SciPy's own search."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from tieline.feeders.joining import number_parts


def test_parts_are_numbered_by_their_first_member():
    # 0-4 and 2-3-5 are joined, 1 stands alone
    assert number_parts(6, [4, 5, 3], [0, 3, 2]).tolist() == [0, 1, 2, 2, 0, 2]


def test_without_joins_each_member_is_a_part_and_none_has_none():
    assert number_parts(3, [], []).tolist() == [0, 1, 2]
    assert number_parts(0, [], []).tolist() == []


@pytest.mark.parametrize("n_joins", [1, 300, 700, 1500])
def test_random_joins_give_the_parts_of_scipy(n_joins: int):
    rng = np.random.default_rng(n_joins)
    ends = rng.integers(0, 1000, (2, n_joins))
    joins = sparse.coo_array((np.ones(n_joins), tuple(ends)), (1000, 1000))
    _, expected = connected_components(joins, directed=False)
    assert number_parts(1000, *ends).tolist() == expected.tolist()


def test_a_long_chain_in_any_order_is_one_part():
    members = np.random.default_rng(0).permutation(5000)
    assert not number_parts(5000, members[:-1], members[1:]).any()
