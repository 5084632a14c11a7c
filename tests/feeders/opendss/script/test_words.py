"""Lines are cut as the engine cuts them: its own parser is asked about thousands of lines, and the special signs by hand."""

from __future__ import annotations

import opendssdirect
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.feeders.opendss.script.words import Variables, split_line

PIECES = [
    "kw",
    "bus1",
    "=",
    " = ",
    " ",
    "\t",
    ",",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    '"',
    "'",
    "!",
    "//",
    "/",
    "5",
    "a.b.1",
    "|",
    "x y",
]


def engines_cut(line: str) -> list[tuple[str, str]]:
    """Parameters as the engine's parser hands them out, up to the first empty value."""
    parser = opendssdirect.Parser
    parser.CmdString(line)
    parameters = []
    while True:
        name = parser.NextParam()
        value = parser.StrValue()
        if not value:
            return parameters
        parameters.append((name, value))


@settings(max_examples=3000, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12))
def test_lines_are_cut_as_the_engine_cuts_them(pieces: list[str]):
    line = "".join(pieces)
    assert [
        (parameter.name, parameter.value) for parameter in split_line(line)
    ] == engines_cut(line)


def test_places_of_names_and_values():
    line = 'new load.a  kw = "1 2 +" bus1=(b .1) ! no'
    parameters = split_line(line)
    assert [line[p.start : p.end] for p in parameters] == [
        "new",
        "load.a",
        '"1 2 +"',
        "(b .1)",
    ]
    assert [line[p.begin : p.end] for p in parameters] == [
        "new",
        "load.a",
        'kw = "1 2 +"',
        "bus1=(b .1)",
    ]


def test_variables_are_replaced_at_the_beginning_of_a_value():
    variables = Variables()
    variables.add("@X", "line")
    values = [
        variables.replaced(parameter).value
        for parameter in split_line("@x @x.one a@x @y b=@X^2")
    ]
    assert values == ["line", "line.one", "a@x", "@y", "line^2"]
