"""Every word of the list of headings is a field of some study, and stands under one heading."""

from __future__ import annotations

from collections import Counter

from tieline.settings.groups import GROUPS
from tieline.settings.limits import LIMIT_FIELDS
from tieline.studies.catalogue import STUDIES, TRAININGS


def test_listed_fields_exist_and_have_one_heading() -> None:
    listed = Counter(name for names in GROUPS.values() for name in names)
    assert set(listed.values()) == {1}
    studies = [*STUDIES.values(), *TRAININGS.values()]
    fields = {name for study in studies for name in study.config_model.model_fields}
    assert set(listed) - fields <= set(LIMIT_FIELDS)
