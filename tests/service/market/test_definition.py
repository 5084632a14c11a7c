"""A market in one file: what is read, and that all that is wrong is told together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tieline.errors import InputError
from tieline.service.market.definition import make_definition, read_definition
from tieline.service.market.stage import make_stage


def test_plain_values_make_the_same_market_again(definition) -> None:
    stored = json.loads(json.dumps(definition.as_values()))
    assert make_definition(stored) == definition
    assert definition.rules.choice == "all"
    assert definition.participants == ("ann", "bob")


def test_everything_that_is_wrong_is_told_together(values) -> None:
    values["name"] = "No Blanks"
    values["zone"] = "Mars/Olympus"
    values["gates"] = {"interval-minutes": 7, "lead-s": 10, "deadline-s": 20}
    values["rules"] |= {"days": 3, "choice": "policy", "watch": "18"}
    values["devices"][0]["kind"] = "flexible-load"
    with pytest.raises(InputError) as caught:
        make_definition(values)
    text = str(caught.value)
    for part in (
        "name must be",
        "Mars/Olympus",
        "'days'",
        "rules.choice",
        "18 has no threshold",
        "kind must be 'generator', 'pv' or 'battery'",
    ):
        assert part in text


def test_times_that_contradict_each_other_are_told_together(values) -> None:
    values["gates"] = {"interval-minutes": 7, "lead-s": 10, "deadline-s": 20}
    values["devices"][1]["name"] = "north"
    with pytest.raises(InputError) as caught:
        make_definition(values)
    text = str(caught.value)
    assert "interval_minutes is 7" in text
    assert "deadline_s (20) is above" in text
    assert "'north' stands there 2 times" in text


def test_what_only_the_feeder_can_tell_is_told_together(values) -> None:
    values["devices"][0]["bus"] = "99"
    values["meters"] = {"nowhere": 10}
    values["schedule"] = {"1": 5}
    with pytest.raises(InputError) as caught:
        make_stage(make_definition(values))
    text = str(caught.value)
    assert "device 'north'" in text
    assert "nowhere" in text


def test_a_file_is_named_in_what_is_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "market.toml"
    path.write_text('name = "a"\nfeeder = "ieee33"\n')
    with pytest.raises(
        InputError, match=r"(?s)market.toml.*reference_price is missing"
    ):
        read_definition(path)


def test_buses_may_state_their_schedule_by_hour(values) -> None:
    by_hour = [float(hour) for hour in range(24)]
    values["schedule"] = {"7": by_hour}
    stage = make_stage(make_definition(values))
    (load,) = stage.loads_at["7"]
    assert stage.hourly_kw[:, load].tolist() == by_hour
    nominal = stage.plant.feeder.loads[load]
    assert stage.hourly_kvar[12, load] == pytest.approx(
        12 * nominal.q_kvar / nominal.p_kw
    )
