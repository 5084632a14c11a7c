"""What is wrong with a command is said with the user's own words, and with none of the parser's."""

from __future__ import annotations

import pytest

from tieline.cli.main import main

OF_THE_PARSER = ("token", "into float", "into date", "Input should be", "parameter --")
"""What the libraries behind the command line say."""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("run interval extra", "'extra'"),
        ("run interval --spread-pct", "--spread-pct needs a value"),
        ("run interval --draws 1.5", "--draws must be a whole number; got '1.5'"),
        ("run interval --critical-pu 1.05", "--critical-pu is now called --highest-pu"),
        ("run interval --ders 18:1", "--ders is one of other studies"),
        ("run hosting-capacity --start 2025-13-01", "--start must be a date like"),
        ("solve", "FEEDER is missing"),
        ("solve ieee13 --load-pct abc", "--load-pct must be a number; got 'abc'"),
        ("feeders shw", "Did you mean 'show'"),
        ("feeders convert ieee13", "TARGET is missing"),
        ("compare", "two run folders or more"),
        ("bench opf --nope 1", "--nope"),
        ("run nosuch", "nosuch"),
    ],
)
def test_bad_words_are_answered_in_plain_ones(
    command: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command.split()) == 2
    message = capsys.readouterr().err
    assert expected in message
    assert not any(words in message for words in OF_THE_PARSER)
