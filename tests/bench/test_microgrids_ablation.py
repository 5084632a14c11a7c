"""Short trainings that differ in one thing: each is what it says, stands on its days, and is told beside the first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tieline.bench.kit.markdown import Page
from tieline.bench.kit.parts import Parts
from tieline.bench.microgrids import ablation
from tieline.bench.microgrids.ablation import (
    FIRST_JUDGED,
    JUDGED_DAYS,
    VARIANTS,
    Brought,
    compare_variants,
    config_of,
)
from tieline.bench.microgrids.ablation_part import PARTS
from tieline.bench.microgrids.measure import MicrogridsMeasurement
from tieline.bench.microgrids.page import page
from tieline.studies.microgrids.cases import FIRST_HELD_OUT
from tieline.studies.microgrids.training.config import MicrogridsTrainingConfig
from tieline.studies.microgrids.training.pupils import FIRST_CHECK

USUAL = Brought("as it is", "", 100, 2000.0, 0.25, 40.0)
OTHER = Brought("a smaller margin", "margin = 0.01", 100, 1990.0, 1.0, 41.0)


def test_every_variant_departs_from_the_first_in_one_thing() -> None:
    usual = config_of(VARIANTS[0], 7)
    assert usual.learner.updates == 7
    settings = [config_of(variant, 7) for variant in VARIANTS]
    ways = [
        (variant.eases, config.model_dump_json())
        for variant, config in zip(VARIANTS, settings, strict=True)
    ]
    assert len(set(ways)) == len(VARIANTS)
    assert all(config.learner.updates == 7 for config in settings)


def test_days_are_neither_of_trainings_nor_of_checks_nor_held_out() -> None:
    most_checks = MicrogridsTrainingConfig().learner.check_days
    assert FIRST_CHECK + most_checks <= FIRST_JUDGED
    assert FIRST_JUDGED + JUDGED_DAYS <= FIRST_HELD_OUT


def test_costs_stand_beside_the_first_row(
    rows_of: Callable[[Page, str], list[dict[str, str]]],
) -> None:
    measured = MicrogridsMeasurement(variants=(USUAL, OTHER))
    alone = page(measured)
    # nothing else was asked for
    assert [section.title for section in alone.sections] == [PARTS]
    first, other = rows_of(alone, PARTS)
    assert first["beside the first [%]"] == "+0.00"
    assert other["beside the first [%]"] == "-0.50"
    assert (other["settings"], other["broken [%]"]) == ("margin = 0.01", "1.00")


def test_without_updates_nothing_is_trained(
    text_of: Callable[[Page, str], str],
) -> None:
    assert compare_variants(0, Parts(None), print) == []
    assert "--ablation UPDATES" in text_of(page(MicrogridsMeasurement()), PARTS)


def test_two_variants_are_trained_judged_and_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ablation, "JUDGED_DAYS", 2)
    small = {"walkers": 32, "plain_windows": 16, "lesson_days": 2, "check_days": 1}
    smaller = {**small, "hidden": (8,), "hard_windows": 16}
    variants = (
        ablation.Variant("as it is", smaller),
        ablation.Variant("recovery", smaller, eases=False),
    )
    monkeypatch.setattr(ablation, "VARIANTS", variants)
    usual, recovery = compare_variants(2, Parts(tmp_path), print)
    assert (usual.words, recovery.words) == ("as it is", "recovery")
    assert usual.updates == 2
    assert 1000 < usual.cost_usd < 4000
    # far from the limits at the start: the two steps differ
    assert recovery.cost_usd != usual.cost_usd
    # what is kept is not trained again
    monkeypatch.setattr(ablation, "make_plant", lambda *_: pytest.fail("trained again"))
    assert compare_variants(2, Parts(tmp_path), print) == [usual, recovery]
