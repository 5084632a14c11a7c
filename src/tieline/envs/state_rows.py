"""Rows of a state: a frozen dataclass whose every field is an array with the episode axis first, or again such a dataclass."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import numpy as np

State = TypeVar("State")


def take_rows(state: State, rows: np.ndarray) -> State:
    """The episodes `rows` (indices or bool) of a state."""
    return _rebuilt(state, lambda array, _: array[rows], state)


def put_rows(state: State, rows: np.ndarray, fresh: State) -> State:
    """A copy of a state whose episodes `rows` (indices or bool) are those of `fresh`."""

    def put(array: np.ndarray, new: np.ndarray) -> np.ndarray:
        changed = array.copy()
        changed[rows] = new
        return changed

    return _rebuilt(state, put, fresh)


def _rebuilt(state: Any, change: Any, second: Any) -> Any:
    """A state whose every field is `change` of that of two states."""
    values = {}
    for field in dataclasses.fields(state):
        first_value = getattr(state, field.name)
        second_value = getattr(second, field.name)
        # a state may hold states
        if dataclasses.is_dataclass(first_value):
            value = _rebuilt(first_value, change, second_value)
        else:
            value = change(first_value, second_value)
        values[field.name] = value
    return type(state)(**values)
