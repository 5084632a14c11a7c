"""`island_text`: an island as the text of a file of its own, for copies that are read where the first file is not."""

from __future__ import annotations

from typing import Any

import tomli_w

from tieline.feeders.islands.config import IslandConfig


def island_text(config: IslandConfig) -> str:
    """An island in TOML, with everything that it takes from another island or from the defaults written out.

    Its feeder is named and not kept: who reads the text has it as tables. An infinite limit, which is none, is left out.
    """
    values = config.model_dump(mode="json", exclude_none=True)
    return tomli_w.dumps(_finite(values))


def _finite(value: Any) -> Any:
    """A value without what is infinite in it: the default of a limit, which no file may state."""
    if isinstance(value, dict):
        return {
            name: _finite(part) for name, part in value.items() if part != float("inf")
        }
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return value
