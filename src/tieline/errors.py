"""Every error tieline raises on purpose. Each says what is wrong, where, and what to do next.

The command line turns an error into one message and its `exit_code`: 2 for bad input, 3 for a question that has no answer
(infeasible, not converged). Anything else that escapes is a defect of tieline.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from tieline.near_names import most_alike, near_names


class TielineError(Exception):
    """Base of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 2


class InputError(TielineError):
    """The caller gave something that cannot be used: a name, a number, a file, a folder."""


class MissingExtraError(InputError):
    """A reader or engine needs an optional package that is not installed."""

    def __init__(self, package: str, extra: str, needed_for: str):
        super().__init__(
            f"{needed_for} needs the package '{package}'. Install it with: {install_command(extra)}"
        )


def install_command(extra: str) -> str:
    """What a user types to install an extra: from the clone that tieline runs from, else from the package index."""
    clone = Path(__file__).parents[2]
    if (clone / "pyproject.toml").is_file():
        # a shell without the environment activated would install elsewhere
        return f"{sys.executable} -m pip install -e '{clone}[{extra}]'"
    return f"pip install 'tieline[{extra}]'"


class ShapeError(InputError):
    """An array has the wrong shape for the network or batch it goes with."""


class NoAnswerError(TielineError):
    """The question is well put, but has no answer, or none that could be found."""

    exit_code = 3


class NotConvergedError(NoAnswerError):
    """A single power flow has no solution that the solver could find."""


class InfeasibleBaseError(NoAnswerError):
    """A limit is broken before the question is even asked: it has no answer."""


NEAREST = 3
"""How many names like an unknown one a message offers."""

FEW = 40
"""Names that a message lists where none is like the unknown one: about three lines."""


def reason_of(error: OSError) -> str:
    """Why the system refused, without the number and the file that Python puts around it."""
    return error.strerror or str(error)


def require_text(kind: str, name: object) -> None:
    """Raise `InputError` for a name that is no text: numbers come from tables and notebooks, and stand for no bus."""
    if not isinstance(name, str):
        raise InputError(
            f"A {kind} is named by text; got {name!r}. Write '{name}' in quotation marks."
        )


def unknown_name_message(
    kind: str, name: str, candidates: Iterable[str], where: str = ""
) -> str:
    """Message for a name that is not among the candidates, with the nearest of these offered, or all if they are few.

    Args:
        kind: what it would name, such as "bus".
        name: as it was given.
        candidates: the names that there are.
        where: whose they are, such as "of feeder 'ieee33'"; it stands behind the name, so that no two names meet.
    """
    names = sorted(candidates)
    unknown = f"Unknown {kind} '{name}'"
    if where:
        unknown += f" {where}"
    near = near_names(name, names, NEAREST)
    if near:
        choice = " or ".join(map(repr, near))
        return f"{unknown}. Did you mean {choice}?"
    if not names:
        return f"{unknown}. There is none."
    if len(names) <= FEW:
        return f"{unknown}. Known: {', '.join(names)}."
    least_far = most_alike(name, names, NEAREST)
    nearest = ", ".join(map(repr, least_far))
    return f"{unknown}. None of the {len(names)} is like it; the nearest are {nearest}."
