"""Lists in configurations that may be given as one text with commas, as on a command line: "844, 890" for ("844", "890")."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator


def split_commas(value: Any) -> Any:
    """The parts of a text without surrounding blanks; anything else as it is."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


Texts = Annotated[tuple[str, ...], BeforeValidator(split_commas)]
Numbers = Annotated[tuple[float, ...], BeforeValidator(split_commas)]
