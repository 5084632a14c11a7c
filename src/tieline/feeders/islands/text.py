"""`island_text`: an island as the text of a file of its own, for copies that are read where the first file is not."""

from __future__ import annotations

import tomli_w

from tieline.feeders.islands.config import IslandConfig


def island_text(config: IslandConfig) -> str:
    """An island in TOML, with everything that it takes from another island or from the defaults written out.

    Its feeder is named and not kept: who reads the text has it as tables.
    """
    return tomli_w.dumps(config.model_dump(mode="json", exclude_none=True))
