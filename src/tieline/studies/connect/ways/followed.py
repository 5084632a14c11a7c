"""The plant once regulators and capacitors have followed it, beside the answer in which they stand still."""

from __future__ import annotations

from tieline.studies.connect.ways.case import Case, make_case
from tieline.studies.siting.setting import make_setting


def once_followed(case: Case) -> Case | None:
    """The same plant with controls that act; None where there are none, or they do not hold still in the answer itself."""
    setting = case.setting
    if setting.config.controls != "hold" or not setting.feeder.has_controls:
        return None
    config = setting.config.model_copy(update={"controls": "feeder"})
    acting = make_setting(setting.feeder, config, setting.places)
    return make_case(acting, case.way, case.kw)
