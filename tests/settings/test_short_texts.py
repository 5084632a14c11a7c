"""Short texts of generators and limits: what they mean, and every mistake named."""

from __future__ import annotations

import pytest

from tieline.settings.short_texts import DerSpec, parse_ders, parse_numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ()),
        (" , ", ()),
        ("18:300", (DerSpec("18", 300.0, 300.0),)),
        (
            "18:300/360@0.12, b 2 :5@-0.1",
            (DerSpec("18", 300.0, 360.0, 0.12), DerSpec("b 2", 5.0, 5.0, -0.1)),
        ),
        ("a:b:1e3@0", (DerSpec("a:b", 1000.0, 1000.0, 0.0),)),
    ],
)
def test_generators(text: str | None, expected: tuple[DerSpec, ...]) -> None:
    assert parse_ders(text) == expected


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("18", "'18' has no colon after a name"),
        (":300", "has no colon after a name"),
        ("18:", "has '' where kW should stand"),
        ("18:0", "has 0 kW, which is not above 0"),
        ("18:nan", "has 'nan' where kW should stand"),
        ("18:300/200", "has 300 kW behind 200 kVA"),
        ("18:300/x", "has 'x' where kVA should stand"),
        ("18:300@", "has '' where a cost should stand"),
        ("18:300@inf", "has 'inf' where a cost should stand"),
    ],
)
def test_a_mistake_is_named(text: str, mistake: str) -> None:
    with pytest.raises(ValueError, match=mistake):
        parse_ders(text)


def test_all_mistakes_are_named_together() -> None:
    with pytest.raises(
        ValueError, match=r"'18' has no colon.*'19:-1' has -1 kW.*Write PLACE:KW"
    ) as caught:
        parse_ders("18, 20:300, 19:-1")
    assert "20:300" not in str(caught.value)


def test_numbers_by_name() -> None:
    assert parse_numbers("Line.A:5, b:-2.5") == {"line.a": 5.0, "b": -2.5}
    with pytest.raises(ValueError, match="'b' stands there twice"):
        parse_numbers("b:1,B:2")
    with pytest.raises(ValueError, match="'c:x' has 'x' where a number should stand"):
        parse_numbers("b:1,c:x")
