"""What is wrong with a configuration, in our words: every kind of mistake, its place, what is allowed, what was given."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tieline.wording import as_flag, explain

STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


class Inner(BaseModel):
    model_config = STRICT
    days: int = Field(default=1, ge=1, le=3660)
    kind: Literal["clear", "mixed"] = "mixed"


class Outer(BaseModel):
    model_config = STRICT
    share: float = Field(default=0.5, gt=0, lt=1)
    level: float | Literal["off"] | None = None
    start: date = date(2025, 6, 21)
    name: str = "a"
    short: str = Field(default="a", pattern=r"^[a-z]+$")
    names: tuple[str, ...] = Field(default=("a",), min_length=1)
    inner: Inner = Inner()
    many: tuple[Inner, ...] = ()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"share": 0}, "share must be above 0; got 0."),
        ({"share": 1.0}, "share must be below 1; got 1.0."),
        ({"share": "x"}, "share must be a number; got 'x'."),
        ({"share": float("nan")}, "share must be a finite number; got nan."),
        ({"level": "on"}, "level must be a number or 'off'; got 'on'."),
        (
            {"start": "2025-13-01"},
            "start must be a date like 2025-06-21; got '2025-13-01'.",
        ),
        ({"name": 3}, "name must be text; got 3."),
        (
            {"short": "A b"},
            "short must be text that fits the pattern ^[a-z]+$; got 'A b'.",
        ),
        ({"names": []}, "names must be a list of at least 1 entries; got []."),
        ({"names": 3}, "names must be a list; got 3."),
        ({"inner": 3}, "inner must be a table of settings; got 3."),
        ({"inner": {"days": 0}}, "inner, days must be at least 1; got 0."),
        ({"inner": {"days": 1.5}}, "inner, days must be a whole number; got 1.5."),
        (
            {"inner": {"kind": "sunny"}},
            "inner, kind must be 'clear' or 'mixed'; got 'sunny'.",
        ),
        (
            {"many": [{}, {"days": 9999}]},
            "many, entry 2, days must be at most 3660; got 9999.",
        ),
        (
            {"inner": {"dayz": 1}},
            "Unknown setting 'dayz' in inner. Did you mean 'days'?",
        ),
        ({"sharee": 1}, "Unknown setting 'sharee'. Did you mean 'share'"),
        ({"name": ["x" * 500]}, "... (504 letters)."),
    ],
)
def test_each_mistake_has_its_sentence(values: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError) as error:
        Outer(**values)
    (sentence,) = explain(error.value, Outer)
    assert expected in sentence


class Paired(BaseModel):
    lowest_pu: float = 0.9
    highest_pu: float = 1.1

    @model_validator(mode="after")
    def _in_order(self) -> Paired:
        raise ValueError("lowest_pu is above highest_pu; other_pu and --lowest_pu stay")


def test_a_check_of_several_fields_names_them_as_the_user_does() -> None:
    with pytest.raises(ValidationError) as error:
        Paired()
    (sentence,) = explain(error.value, Paired, as_flag)
    assert sentence == (
        "--lowest-pu is above --highest-pu; other_pu and --lowest_pu stay"
    )


def test_a_field_is_shown_as_it_was_given() -> None:
    with pytest.raises(ValidationError) as error:
        Outer(share=2, inner={"days": 0})  # type: ignore[arg-type]
    assert explain(error.value, Outer, lambda name: f"--{name}") == [
        "--share must be below 1; got 2.",
        "--inner, days must be at least 1; got 0.",
    ]
