"""`StudyConfig`: what every study's configuration has; how one is made from a TOML file and flags stands in `config_files`.

A configuration is a frozen model; each field carries its sentence and unit, from which the command line is made. This file
imports nothing heavy: the command line needs it to print help.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from tieline.config_files import make_config, read_config_file
from tieline.settings import Settings
from tieline.settings.fields import LOAD_MODEL, LoadModelAsked, feeder_field

__all__ = ["StudyConfig", "make_config", "read_config_file"]

LARGEST_SEED = 2**62
"""Half of what a whole number of 64 bits holds: the seeds of episodes are counted on from it."""


class StudyConfig(Settings):
    """Fields that every study has.

    `INPUT_TABLES` names the fields that hold the path of a table which the study reads, `INPUT_POLICIES` those that hold the path
    of a policy file or of a folder of them; the run folder keeps a copy of each, see `copies`. `ASKS_ISLANDS`: the field `feeder`
    names an island (`feeders.islands`); the study gets the feeder that is cut out, and the run folder keeps the island too.
    `FOLLOWS_INVERTERS`: inverters with a characteristic follow it in the power flows of the study; else they keep the powers of
    the snapshot.
    """

    INPUT_TABLES: ClassVar[tuple[str, ...]] = ()
    INPUT_POLICIES: ClassVar[tuple[str, ...]] = ()
    ASKS_ISLANDS: ClassVar[bool] = False
    FOLLOWS_INVERTERS: ClassVar[bool] = False

    feeder: str = feeder_field()
    load_model: LoadModelAsked = LOAD_MODEL
    seed: int = Field(
        default=0,
        ge=0,
        le=LARGEST_SEED,
        description="Seed of every random draw; the same seed gives the same answer.",
    )
    author: str | None = Field(
        default=None,
        description="Who answers for the report, a name or a project; it is printed at its head.",
    )
