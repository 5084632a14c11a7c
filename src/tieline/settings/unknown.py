"""What to say of a name or a value that a configuration does not take, but did before, or another study does."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel

from tieline.settings.limits import LIMIT_FIELDS, words_of

RENAMED = {"critical_pu": "highest_pu", "load_level_pct": "load_pct"}
"""Names that fields had before studies shared one vocabulary, and the names they have now."""

RENAMED_VALUES = {
    ("controls", "no-pv"): "hold",
    ("controls", "act"): "feeder",
    ("controls", "feeder"): "hold",  # where no control can act in every power flow
    ("limits", "thesis"): "high-voltage-only",
}
"""Words that fields took before, and the words they take now."""

SHARED = (
    "limits",
    *LIMIT_FIELDS,
    "line_rating_a",
    "load_pct",
    "controls",
    "ders",
    "currency",
    "load_model",
)
"""The names that mean the same in every study; not every study asks all of these questions."""


def about_unknown(
    name: str, model: type[BaseModel], write: Callable[[str], str]
) -> str | None:
    """What to write in place of a name that the model does not have, in one sentence; None if the name says nothing. `write`
    gives a name as the user wrote it, as a setting or a flag.
    """
    # an old name of a shared field is answered as that field is
    new_name = RENAMED.get(name, name)
    if new_name in model.model_fields:
        return f"{write(name)} is now called {write(new_name)}. Write that."
    if new_name not in SHARED:
        return None
    instead = getattr(model, "INSTEAD", {}).get(new_name) or _reason(new_name)
    return f"{write(name)} is one of other studies and has no meaning here. {instead}"


def about_value(name: str, value: object) -> str | None:
    """What to write in place of a word that a field took before; None if it never did."""
    if not isinstance(value, str):
        return None
    new_value = RENAMED_VALUES.get((name, value))
    if new_value is None:
        return None
    return f"'{value}' is now called '{new_value}'"


def hidden_names(model: type[BaseModel]) -> tuple[str, ...]:
    """Names that the model does not have and `about_unknown` has something to say of."""
    names = (*SHARED, *RENAMED)
    return tuple(name for name in names if name not in model.model_fields)


def _reason(name: str) -> str:
    """Why a study may not have a shared name."""
    if name in LIMIT_FIELDS:
        return f"This study does not judge {words_of(name)}: leave it out."
    if name == "line_rating_a":
        return "This study does not judge line loading: leave it out."
    return "Leave it out."
