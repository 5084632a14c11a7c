"""One vocabulary: a shared word has the same sentence, unit and default in every study, but for the exceptions listed here."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.errors import InputError
from tieline.settings.limits import LIMIT_FIELDS, PROFILES
from tieline.settings.unknown import RENAMED, RENAMED_VALUES, SHARED
from tieline.studies.catalogue import STUDIES, TRAININGS
from tieline.studies.config import make_config

ASKING = {study.name: study for study in (*STUDIES.values(), *TRAININGS.values())}

WORDS = {
    "feeder": "ieee33",
    "load_model": "feeder",
    "seed": 0,
    "load_pct": 100.0,
    "line_rating_a": None,
    "controls": "hold",
    "ders": None,
    "currency": "USD",
    "limits": "standard",
    **dict.fromkeys(LIMIT_FIELDS),
}
"""Default of each shared word."""

PLACES = ("844", "890", "834", "822.1")
"""Where the DERs of the published reserve cases stand."""

OTHER_DEFAULTS: dict[tuple[str, str], tuple[Any, str]] = {
    ("reserve", "feeder"): ("ieee34", "the published cases are on this feeder"),
    ("reserve-training", "feeder"): (
        "ieee34",
        "the published cases are on this feeder",
    ),
    ("reserve", "ders"): (PLACES, "the published cases have these four"),
    ("reserve-training", "ders"): (PLACES, "the published cases have these four"),
    ("market", "feeder"): ("ieee123", "the first of its published cases is on it"),
    ("market-training", "feeder"): (
        "ieee123",
        "the first of its published cases is on it",
    ),
    ("market", "controls"): ("feeder", "taps follow the minutes of a day"),
    ("market-training", "controls"): ("feeder", "taps follow each game's load"),
    ("microgrids", "feeder"): (
        "ieee33-microgrids",
        "a feeder without microgrids has nobody to ask",
    ),
    ("microgrids-training", "feeder"): (
        "ieee33-microgrids",
        "a feeder without microgrids has nobody to teach",
    ),
    ("microgrids", "limits"): (
        "ansi-a",
        "the data of the published cases keep this band",
    ),
    ("microgrids-training", "limits"): (
        "ansi-a",
        "policies keep the band in which they are asked",
    ),
    ("restoration", "feeder"): ("ieee36", "it names an island, and this is the first"),
    ("restoration", "limits"): ("ansi-a", "droop units hold service voltage"),
    ("restoration-training", "feeder"): (
        "ieee36",
        "it names an island, and this is the first",
    ),
    ("restoration-training", "limits"): (
        "ansi-a",
        "policies keep the band in which they are asked",
    ),
    ("hosting-capacity", "controls"): (
        "feeder",
        "PV grows over years: controls follow it",
    ),
    ("time-series", "controls"): ("feeder", "taps follow the hours of a year"),
    ("power-flow", "controls"): (
        "feeder",
        "a power flow is of the feeder as it stands, controls and all",
    ),
}
"""Defaults that differ, each with its reason."""

CASES = [
    (study, word)
    for study in ASKING
    for word in WORDS
    if word in ASKING[study].config_model.model_fields
]


@pytest.mark.parametrize(("study", "word"), CASES)
def test_a_shared_word_means_the_same_everywhere(study: str, word: str) -> None:
    field = ASKING[study].config_model.model_fields[word]
    others = [
        ASKING[name].config_model.model_fields[word] for name, of in CASES if of == word
    ]
    # the shortest sentence is the common one; a study may say more behind it
    common = min((str(other.description) for other in others), key=len)
    default, _ = OTHER_DEFAULTS.get((study, word), (WORDS[word], ""))
    assert str(field.description).startswith(common)
    assert field.default == default


def test_every_exception_is_one() -> None:
    assert set(OTHER_DEFAULTS) <= set(CASES)
    assert all(value != WORDS[word] for (_, word), (value, _) in OTHER_DEFAULTS.items())


def test_every_limit_is_a_shared_word() -> None:
    assert set(LIMIT_FIELDS) < set(SHARED)
    assert set(SHARED) <= set(WORDS)


@pytest.mark.parametrize("study", [s for s in ASKING if (s, "limits") in CASES])
def test_a_profile_gives_the_numbers_and_a_flag_overrides_one(study: str) -> None:
    model = ASKING[study].config_model
    profile = make_config(model, {"limits": "ansi-a"}).limit_numbers  # type: ignore[attr-defined]
    assert profile.highest_pu == PROFILES["ansi-a"].highest_pu == 1.05
    given = make_config(model, {"limits": "ansi-a", "highest_pu": 1.07}).limit_numbers  # type: ignore[attr-defined]
    assert given.highest_pu == 1.07
    assert given.lowest_pu == profile.lowest_pu


@pytest.mark.parametrize(
    ("study", "values", "message"),
    [
        (
            "hosting-capacity",
            {"critical_pu": 1.06},
            "'critical_pu' is now called 'highest_pu'",
        ),
        ("battery", {"critical_pu": 1.06}, "'critical_pu' is now called 'highest_pu'"),
        (
            "interval",
            {"load_level_pct": 50},
            "'load_level_pct' is now called 'load_pct'",
        ),
        ("interval", {"controls": "feeder"}, "'feeder' is now called 'hold'"),
        ("transfer-capability", {"controls": "act"}, "'act' is now called 'feeder'"),
        ("hosting-capacity", {"controls": "no-pv"}, "'no-pv' is now called 'hold'"),
        (
            "hosting-capacity",
            {"limits": "thesis"},
            "'thesis' is now called 'high-voltage-only'",
        ),
        ("battery", {"line_rating_a": 400}, "does not judge line loading"),
        ("battery", {"lowest_pu": 0.95}, "does not judge low voltage"),
        ("battery", {"load_pct": 50}, "light_load_pct and peak_load_pct"),
        ("interval", {"line_pct": 100}, "does not judge line loading"),
        ("interval", {"highest_pu": "off"}, "highest_pu cannot be off"),
        (
            "hosting-capacity",
            {"line_rating_a": 400, "limits": "ansi-a"},
            "line loading is not judged",
        ),
        ("reserve", {"ders": "844:200"}, "no cost for 844"),
    ],
)
def test_an_old_or_foreign_word_is_answered(
    study: str, values: dict, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        make_config(ASKING[study].config_model, values)
    assert message in str(caught.value)


def test_a_name_that_is_gone_is_no_field_anywhere() -> None:
    models = [study.config_model for study in ASKING.values()]
    assert not [
        name for name in RENAMED for model in models if name in model.model_fields
    ]
    still_a_word_elsewhere = {("controls", "feeder")}
    for word, old in set(RENAMED_VALUES) - still_a_word_elsewhere:
        now = RENAMED_VALUES[word, old]
        annotations = [
            str(model.model_fields[word].annotation)
            for model in models
            if word in model.model_fields
        ]
        assert not any(f"'{old}'" in text for text in annotations)
        assert any(f"'{now}'" in text for text in annotations)


def test_ders_with_size_and_cost_are_a_reserve_case_of_ones_own() -> None:
    values = {"ders": "844:200@0.10, 890:150@0.12", "request_kw": 300}
    (case,) = make_config(ASKING["reserve"].config_model, values).asked  # type: ignore[attr-defined]
    assert case.capacity_kw == (200.0, 150.0)
    assert case.bid_cents == pytest.approx((10.0, 12.0))


def test_a_currency_is_one_in_use() -> None:
    model = ASKING["optimal-power-flow"].config_model
    assert make_config(model, {"currency": "EUR"}).currency == "EUR"  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="currency: Unknown currency 'EURO'"):
        make_config(model, {"currency": "EURO"})
