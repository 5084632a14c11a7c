"""`RegionKey`: which region a policy was trained in, with words to say what differs from the one it is asked to choose in."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from tieline.errors import InputError


@dataclass(frozen=True)
class RegionKey:
    """Which region a policy chooses in.

    Attributes:
        feeder: name of the feeder.
        buses: of the region.
        ders: DERs that can be chosen, in order.
        rated_kw: their ratings, in whole W so that no rounding tells two regions apart.
        tokens, features: names of what is seen of a DER and of the region.
    """

    feeder: str
    buses: tuple[str, ...]
    ders: tuple[str, ...]
    rated_kw: tuple[float, ...]
    tokens: tuple[str, ...]
    features: tuple[str, ...]

    def require_same(self, region: RegionKey) -> None:
        """Raises `InputError` that names both sides unless `region` is this one."""
        for field in fields(self):
            trained_for = getattr(self, field.name)
            decides_for = getattr(region, field.name)
            if trained_for != decides_for:
                raise InputError(
                    f"The policy was trained for {_WORDS[field.name]} {_listed(trained_for)} and is asked to choose for "
                    f"{_listed(decides_for)}. Train one for that region of feeder '{region.feeder}' with "
                    "`tieline train market`."
                )


_WORDS = {
    "feeder": "feeder",
    "buses": "buses",
    "ders": "DERs",
    "rated_kw": "ratings of",
    "tokens": "tokens of",
    "features": "features of",
}

SHOWN = 8
"""Names listed in a message before the others are counted."""


def _listed(names: str | tuple[Any, ...]) -> str:
    if isinstance(names, str):
        return f"'{names}'"
    text = ", ".join(str(name) for name in names[:SHOWN])
    if len(names) > SHOWN:
        text += f" and {len(names) - SHOWN} more"
    return f"[{text}]"
