"""What a policy was made for, beside what it is asked for: all differences at once."""

from __future__ import annotations

from typing import ClassVar

import pytest

from tieline.agents.sealed_key import SealedKey
from tieline.errors import InputError


class Key(SealedKey):
    """Three fields, one of them long."""

    LISTS: ClassVar[frozenset[str]] = frozenset({"names"})
    OWNER: ClassVar[str] = "the plant"
    REMEDY: ClassVar[str] = "Train another."

    feeder: str
    steps: int
    names: tuple[str, ...]


def test_all_that_differs_is_named_and_lists_are_not_written_out() -> None:
    made_for = Key(feeder="a", steps=4, names=("x", "y"))
    made_for.require_same(Key(feeder="a", steps=4, names=("x", "y")))
    with pytest.raises(InputError) as refusal:
        made_for.require_same(Key(feeder="b", steps=4, names=("x",)))
    assert str(refusal.value) == (
        "The policy was trained for something else: feeder a, asked b; names of the plant. Train another."
    )
