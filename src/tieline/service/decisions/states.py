"""`read_state`: the state that a decision is asked for, or everything that is wrong with it in one error.

A value that cannot be used must not hide that another one does not fit: the sound fields are looked at by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from tieline.config_files import check_config
from tieline.errors import InputError
from tieline.settings import Settings
from tieline.wording import FieldProblem

State = TypeVar("State", bound=Settings)

Misfits = Callable[[State, Collection[str]], Iterable[FieldProblem]]
"""What does not fit the feeder, of the fields that are named."""


class StateError(InputError):
    """A state that cannot be used; `problems` has one for each thing that is wrong."""

    def __init__(self, problems: Iterable[FieldProblem]):
        self.problems = list(problems)
        texts = [problem.text for problem in self.problems]
        super().__init__("\n".join(["The state cannot be used:", *texts]))


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
    sound = values
    if state is None:
        unsound = {problem.field for problem in problems}
        sound = {
            name: value
            for name, value in values.items()
            if name in model.model_fields and name not in unsound
        }
        state, _ = check_config(model, {**minimal, **sound})
    if state is None:
        raise StateError(problems)
    problems = [*problems, *misfits(state, sound.keys())]
    if problems:
        raise StateError(problems)
    return state


def wrong_names(
    field: str, names: Collection[str], told: Collection[str], may_lack: bool = False
) -> Iterator[FieldProblem]:
    """What is missing in values by name, and what is there and unknown."""
    missing = sorted(set(names) - set(told))
    unknown = sorted(set(told) - set(names))
    of_state, _, _ = field.partition(".")
    if missing and not may_lack:
        yield FieldProblem(of_state, f"{field} lacks {', '.join(missing)}.")
    if unknown:
        text = f"{field} names {', '.join(unknown)}, unknown here."
        yield FieldProblem(of_state, text)
