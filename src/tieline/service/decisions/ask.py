"""`decide`: from the state of now to safe set-points, by a study's policies or controller, or the rule in their place.

    battery        the next step of batteries that lend each other     `decisions.battery`
    microgrids     the next step of all devices of the microgrids      `decisions.microgrids`
    reserve        a request split among DERs                          `decisions.reserve`
    restoration    the next step of an island that takes up its loads  `decisions.restoration`

A function of study, configuration and state. What hangs on the configuration alone, feeder and policies, is made once and kept;
a decision then is a policy's forward pass or a controller's plan, an AC power flow, and corrections where a limit would break.
What batteries owe each other over a day is an account: it comes with the state, and goes back with the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

from tieline.config_files import make_config
from tieline.errors import InputError, unknown_name_message
from tieline.feeders import load_feeder
from tieline.service.decisions.battery import BatteryDecisions
from tieline.service.decisions.microgrids import MicrogridDecisions
from tieline.service.decisions.reserve import ReserveDecisions
from tieline.service.decisions.restoration import RestorationDecisions
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.reserve.config import ReserveConfig
from tieline.studies.restoration.config import RestorationConfig


class Decisions(Protocol):
    """Decides for one configuration of a study."""

    def decide(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Safe set-points for a state.

        Raises:
            InputError: with everything that is wrong with the state.
            NoAnswerError: if no set-points keep all limits; nothing unsafe is given.
        """
        ...


STUDIES = ("battery", "microgrids", "reserve", "restoration")
"""Studies that can be asked."""

KEPT = 8
"""Configurations that are kept ready: a service has few, and each holds a feeder and its policies."""


def decide(
    study: str, state: Mapping[str, Any], config: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Safe set-points for a state.

    Args:
        study: one of `STUDIES`.
        state: what is known now; fields as the study's file here says.
        config: of the study, as for a run; the published case if left out.

    Raises:
        InputError: if there is no such study, or with everything that is wrong with configuration or state.
        NoAnswerError: if no set-points keep all limits.
    """
    return _ready(study, _frozen(config or {})).decide(state)


def _frozen(config: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """A configuration that can be looked up."""
    try:
        items = tuple(sorted(config.items()))
        hash(items)
    except TypeError:
        raise InputError(
            "The configuration of a decision has lists or tables. Write numbers and texts, as flags are written."
        ) from None
    return items


@lru_cache(maxsize=KEPT)
def _ready(study: str, config: tuple[tuple[str, Any], ...]) -> Decisions:
    values = dict(config)
    if study == "battery":
        battery = make_config(BatteryConfig, values)
        return BatteryDecisions(battery, load_feeder(battery.feeder))
    if study == "reserve":
        reserve = make_config(ReserveConfig, values)
        return ReserveDecisions(reserve, load_feeder(reserve.feeder))
    if study == "microgrids":
        microgrids = make_config(MicrogridsConfig, values)
        return MicrogridDecisions(microgrids, load_feeder(microgrids.feeder))
    if study == "restoration":
        return RestorationDecisions(make_config(RestorationConfig, values))
    raise InputError(unknown_name_message("study with decisions", study, STUDIES))
