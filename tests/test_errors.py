"""The names that a message offers in place of an unknown one."""

from __future__ import annotations

import pytest

from tieline.errors import unknown_name_message

MANY = [f"Bus_{k}" for k in range(100)]


@pytest.mark.parametrize("name", ["us", "USd", "usd ", "uSD"])
def test_letter_case_hides_no_near_name(name: str) -> None:
    message = unknown_name_message("currency", name, ["USD", "AUD", "EUR"])
    assert message.startswith(f"Unknown currency '{name}'. Did you mean 'USD'")


def test_few_names_are_all_listed_where_none_is_near() -> None:
    message = unknown_name_message("currency", "xyz", ["USD", "AUD", "EUR"])
    assert message == "Unknown currency 'xyz'. Known: AUD, EUR, USD."


def test_the_nearest_of_many_names_are_offered() -> None:
    assert "Did you mean 'Bus_77'" in unknown_name_message("bus", "bus77", MANY)
    far = unknown_name_message("bus", "zzz", MANY)
    assert far.startswith(
        "Unknown bus 'zzz'. None of the 100 is like it; the nearest are 'Bus_"
    )


def test_the_name_stands_before_whose_it_is() -> None:
    """Two names that meet would be read as one thing."""
    owner = "of feeder 'ieee33'"
    near = unknown_name_message("bus", "99", ["9", "8"], owner)
    assert near == "Unknown bus '99' of feeder 'ieee33'. Did you mean '9'?"
    far = unknown_name_message("bus", "xx", ["9", "8"], owner)
    assert far == "Unknown bus 'xx' of feeder 'ieee33'. Known: 8, 9."
