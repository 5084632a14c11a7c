"""`read_state`: the state that a decision is asked for, or everything that is wrong with it in one error.

A value that cannot be used must not hide that another one does not fit: fields are looked at one by one where they are not all
sound.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from tieline.config_files import check_config
from tieline.errors import InputError
from tieline.settings import Settings

State = TypeVar("State", bound=Settings)

Misfits = Callable[[State, Collection[str]], Iterable[str]]
"""What does not fit the feeder, of the fields that are named."""


class StateError(InputError):
    """A state that cannot be used; `problems` has a sentence for each thing that is wrong."""

    def __init__(self, problems: Collection[str]):
        super().__init__("\n".join(["The state cannot be used:", *problems]))
        self.problems = list(problems)


def read_state(
    model: type[State],
    minimal: Mapping[str, Any],
    values: Mapping[str, Any],
    misfits: Misfits,
) -> State:
    """A state from plain values.

    Args:
        model: of the state.
        minimal: values of the least state that the model takes.
        values: as they were sent.
        misfits: what does not fit the feeder.

    Raises:
        StateError: with everything that is wrong.
    """
    state, problems = check_config(model, values)
    if state is not None:
        problems = list(misfits(state, values.keys()))
        if problems:
            raise StateError(problems)
        return state
    sound = {
        name: value
        for name, value in values.items()
        if check_config(model, {**minimal, name: value})[0] is not None
    }
    part, _ = check_config(model, {**minimal, **sound})
    if part is not None:
        problems = [*problems, *misfits(part, sound.keys())]
    raise StateError(problems)


def wrong_names(
    field: str, names: Collection[str], told: Collection[str], may_lack: bool = False
) -> Iterable[str]:
    """What is missing in values by name, and what is there and unknown; in one sentence each."""
    missing = sorted(set(names) - set(told))
    unknown = sorted(set(told) - set(names))
    if missing and not may_lack:
        yield f"{field} lacks {', '.join(missing)}."
    if unknown:
        yield f"{field} names {', '.join(unknown)}, unknown here."
