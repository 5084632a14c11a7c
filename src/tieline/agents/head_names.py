"""Names of the heads of an actor (`heads`); nothing heavy is imported, as configurations need them to print help."""

from __future__ import annotations

from typing import Literal, get_args

Head = Literal["task", "sigmoid", "clip"]

HEADS: tuple[str, ...] = get_args(Head)

OF_HEAD = (
    "Last layer of the actor: what the task offers (`Task.squash`), a sigmoid over the bounds, or numbers moved to the nearest "
    "bound (clip), for tasks in which to do nothing is often best."
)
