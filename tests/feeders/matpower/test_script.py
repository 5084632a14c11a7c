"""What MATLAB would run of a case file is run, nothing else, and what cannot be followed is refused by line.

Values are those that MATLAB's documentation gives for precedence, indexing and control of flow; none needs MATLAB to be checked.
"""

from __future__ import annotations

import math
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.feeders.matpower.script import Case, run_script

CASE = """function mpc = small
mpc.version = '2';
mpc.baseMVA = 10;
mpc.bus = [
    1  3  0   0    0  0    1  1  0  10  1  1.1  0.9;
    2  1  2   1    0  0.3  1  1  0  10  1  1.1  0.9;
    3  1  0.5 0.25 0  0    1  1  0  10  1  1.1  0.9;
];
mpc.gen = [1  0  0  10  -10  1.02  10  1  10  0];
mpc.branch = [
    1  2  0.01  0.02  0.004  5  0  0  0  0  1  -360  360;
    2  3  0.01  0.02  0.004  5  0  0  0  0  1  -360  360;
];
"""


def run(folder: Path, tail: str = "", text: str = CASE) -> Case:
    """The case with further statements behind it."""
    (folder / "small.m").write_text(text + tail, encoding="utf-8")
    return run_script(folder / "small.m")


def demand(case: Case) -> list[float]:
    """PD of the three buses."""
    return case.column("bus", "PD").tolist()


PLAIN = [0.0, 2.0, 0.5]

NOT_RUN = {
    "block comment": "%{\nmpc.baseMVA = 100;\nmpc.bus(:, 3) = 7;\n%}\n",
    "nested block comments": "%{\n%{\nmpc.bus(:, 3) = 7;\n%}\nmpc.bus(:, 3) = 8;\n%}\n",
    "block comment with blanks": "  %{  \nmpc.bus(:, 3) = 7;\n\t%}\n",
    "comment behind a text": "s = 'a % b'; % mpc.bus(:, 3) = 7;\n",
    "comment behind a transpose": "x = [1 2]'; % mpc.bus(:, 3) = 7;\n",
    "after dots": "x = 1 + ... mpc.bus(:, 3) = 7;\n 2;\n",
    "return": "return\nmpc.bus(:, 3) = 7;\n",
    "end of the function": "end\nmpc.bus(:, 3) = 7;\n",
    "second function": "end\nfunction y = other(mpc)\nmpc.bus(:, 3) = 7;\nend\n",
    "second function without end": "function y = other\nmpc.bus(:, 3) = 7;\n",
    "if false": "if false\nmpc.bus(:, 3) = 7;\nend\n",
    "if nargin": "if nargin > 0, mpc.bus(:, 3) = 7; end\n",
    "if on two lines": "if nargin ...\n >= 1\n  mpc.bus(:, 3) = 7;\nend\n",
    "else not taken": "if nargin < 1\nx = 1;\nelse\nmpc.bus(:, 3) = 7;\nend\n",
    "elseif not reached": "if true\nx = 1;\nelseif true\nmpc.bus(:, 3) = 7;\nelse\nmpc.bus(:, 3) = 7;\nend\n",
    "if within an if": "if nargin\nif true\nmpc.bus(:, 3) = 7;\nend\nmpc.bus(:, 3) = 7;\nend\n",
    "loop within an if that is false": "if 0\nfor k = 1:3\nmpc.bus(k, 3) = 7;\nend\nend\n",
    "condition of a variable": "heavy = 0;\nif heavy == 1\nmpc.bus(:, 3) = 7;\nend\n",
    "return within an if": "if 1 == 1\nreturn\nend\nmpc.bus(:, 3) = 7;\n",
    "separator of Unicode in a comment": "% a\u2028mpc.bus(:, 3) = 7;\n% b\x85mpc.bus(:, 3) = 7;\n% c\x0cmpc.bus(:, 3) = 7;\n",
    "text with a quote in it": "x = 'it''s; mpc.bus(:, 3) = 7; ''x';\n",
    "loop of Octave within an if that is false": "if 0\ndo\nx = 1;\nuntil true\nmpc.bus(:, 3) = 7;\nend\n",
    "else if that is not reached": "if true\nx = 1;\nelse if true\nmpc.bus(:, 3) = 7;\nend\nend\n",
    "else if that does not hold": "if nargin\nx = 1;\nelse if nargin == 3\nmpc.bus(:, 3) = 7;\nend\nend\n",
}


@pytest.mark.parametrize("tail", NOT_RUN.values(), ids=list(NOT_RUN))
def test_what_matlab_would_not_run_is_not_run(tmp_path: Path, tail: str) -> None:
    case = run(tmp_path, tail)
    assert demand(case) == PLAIN
    assert case.base_mva == 10.0


RUN = {
    "factor": ("mpc.bus(:, 3) = mpc.bus(:, 3) * 2;", [0.0, 4.0, 1.0]),
    "factor first": ("mpc.bus(:, 3) = 2 * mpc.bus(:, 3);", [0.0, 4.0, 1.0]),
    "columns by number": ("mpc.bus(:, 3:4) = mpc.bus(:, 3:4) / 2;", [0.0, 1.0, 0.25]),
    "columns by name": (
        "mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD QD]) / 1e3 * 1d3;",
        PLAIN,
    ),
    "points": ("mpc.bus(:, PD) = mpc.bus(:, PD) ./ 2 .* [1; 2; 4];", [0.0, 2.0, 1.0]),
    "one element": ("mpc.bus(2, PD) = 7;", [0.0, 7.0, 0.5]),
    "last row": ("mpc.bus(end, PD) = mpc.bus(end - 1, PD);", [0.0, 2.0, 2.0]),
    "constant column": ("mpc.bus(:, PD) = 0.25;", [0.25, 0.25, 0.25]),
    "rows by range": ("mpc.bus(2:3, 3) = [5; 6];", [0.0, 5.0, 6.0]),
    "rows by truth": ("mpc.bus(mpc.bus(:, PD) > 1, PD) = 9;", [0.0, 9.0, 0.5]),
    "variable": ("k = mpc.bus(2, 3)^2;\nmpc.bus(2, 3) = k;", [0.0, 4.0, 0.5]),
    "transpose": ("x = [1 2 3]';\nmpc.bus(:, 3) = x;", [1.0, 2.0, 3.0]),
    "if that holds": (
        "if nargin == 0\nmpc.bus(:, PD) = mpc.bus(:, PD) * 2;\nend",
        [0.0, 4.0, 1.0],
    ),
    "else": ("if nargin\nx = 1;\nelse\nmpc.bus(:, PD) = 3;\nend", [3.0, 3.0, 3.0]),
    "elseif": (
        "if nargin\nx = 1;\nelseif ~nargin && true\nmpc.bus(:, PD) = 3;\nelse\ny = 1;\nend",
        [3.0, 3.0, 3.0],
    ),
    "whole matrix": ("mpc.bus = mpc.bus;", PLAIN),
    "renamed constant": (
        "[~, ~, ~, ~, ~, ~, P] = idx_bus;\nmpc.bus(:, P) = 1;",
        [1.0, 1.0, 1.0],
    ),
    "two on a line": ("x = 2, mpc.bus(:, 3) = x; y = 3;", [2.0, 2.0, 2.0]),
    "continued": ("mpc.bus(:, 3) = mpc.bus(:, 3) ... to kW\n * 2;", [0.0, 4.0, 1.0]),
    "what is never used": ("x = fancy(3);\ny.z = {1, 'a;b'};\ndisp('done...');", PLAIN),
    "else with a statement behind it": (
        "if nargin, x = 1; else mpc.bus(:, 3) = 3; end",
        [3.0, 3.0, 3.0],
    ),
    "statement behind an end": (
        "if true, x = 1; end mpc.bus(:, 3) = 3;",
        [3.0, 3.0, 3.0],
    ),
    "else if and what follows": (
        "if nargin\nx = 1;\nelse if ~nargin\nx = 2;\nend\nend\nmpc.bus(:, 3) = x;",
        [2.0, 2.0, 2.0],
    ),
    "behind a text with a quote in it": (
        "x = 'it''s %'; mpc.bus(:, 3) = 3;",
        [3.0, 3.0, 3.0],
    ),
    "behind transposes between brackets": (
        "x = ([1 2]') .* [3 4]';\nmpc.bus(:, 3) = 3;",
        [3.0, 3.0, 3.0],
    ),
    "behind transposes in brackets": (
        "x = [1 2]' * ([3 4])';\nmpc.bus(:, 3) = 3;",
        [3.0, 3.0, 3.0],
    ),
    "constants defined anew": (
        "PD = 4;\ndefine_constants;\nmpc.bus(:, PD) = 3;",
        [3.0, 3.0, 3.0],
    ),
    "variable that hides a function": (
        "exp = [5 6];\nmpc.bus(:, 3) = exp(2);",
        [6.0, 6.0, 6.0],
    ),
    "power, then transpose": (
        "x = [1; 2; 3];\nmpc.bus(:, 3) = (x .^ [2; 2; 2]')';",
        [1.0, 4.0, 9.0],
    ),
}


@pytest.mark.parametrize(("tail", "expected"), RUN.values(), ids=list(RUN))
def test_what_matlab_would_run_is_run(
    tmp_path: Path, tail: str, expected: list[float]
) -> None:
    assert demand(run(tmp_path, tail + "\n")) == pytest.approx(expected)


VALUES = {
    "-2^2": -4.0,
    "2^-1": 0.5,
    "2^3^2": 64.0,
    "1 - 2 - 3": -4.0,
    "2 / 4 / 2": 0.25,
    "- - 3": 3.0,
    "1e3 + 1D-1": 1000.1,
    ".5 * 3.": 1.5,
    "sqrt(16)": 4.0,
    "sin(acos(0.8))": 0.6,
    "pi": math.pi,
    "~0 + 1": 2.0,
    "3 > 2 == 1": 1.0,
    "-~0": -1.0,
    "~~0": 0.0,
    "~~3": 1.0,
    "~-0": 1.0,
    "1 | 0 && 0": 0.0,
    "1 || 0 & 0": 1.0,
    "1 || 1 && 0": 1.0,
    "0 & 0 | 1": 1.0,
    "2^-1^2": 0.25,
}


@pytest.mark.parametrize(("expression", "expected"), VALUES.items())
def test_precedence(tmp_path: Path, expression: str, expected: float) -> None:
    assert run(tmp_path, f"x = {expression};\nmpc.bus(1, 3) = x;\n").matrices["bus"][
        0, 2
    ] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("1 -2", [1, -2]),
        ("1 - 2", [-1]),
        ("1 -2 + 3", [1, 1]),
        ("1, -2", [1, -2]),
        ("2*3 4", [6, 4]),
        ("sqrt(4) (1 + 1)", [2, 2]),
        ("1 ... and\n 2", [1, 2]),
    ],
)
def test_blanks_in_a_matrix_part_elements(
    tmp_path: Path, row: str, expected: list[float]
) -> None:
    case = run(tmp_path, f"x = [{row}];\nmpc.gencost = x;\n")
    assert case.gencost is not None
    np.testing.assert_array_equal(np.ravel(case.gencost), expected)


REFUSED = {
    "for": ("for k = 1:3\nmpc.bus(k, 3) = 1;\nend", "a 'for' block"),
    "for on one line": ("for k = 1:3, mpc.bus(k, 3) = 1; end", "a 'for' block"),
    "while": ("while true\nend", "a 'while' block"),
    "switch": ("switch 3\ncase 3\nmpc.bus(1, 3) = 1;\nend", "a 'switch' block"),
    "try": ("try\nx = 1;\nend", "a 'try' block"),
    "undecided if": (
        "if exist('x')\nmpc.bus(1, 3) = 1;\nend",
        "cannot decide 'if exist",
    ),
    "if of a file": (
        "x = rand(1);\nif x > 0\nend",
        "'x' of line 14 cannot be followed",
    ),
    "index 0": (
        "x = mpc.bus(0, PD);",
        "there is no element 0 among 3; counting begins at 1",
    ),
    "index beyond": ("mpc.bus(4, 3) = 1;", "there is no element 4 among 3"),
    "index between": ("mpc.bus(1.5, 3) = 1;", "there is no element 1.5"),
    "unknown function": (
        "mpc.bus(:, 3) = scale(mpc.bus(:, 3));",
        "unknown name 'scale'",
    ),
    "the case from a function": (
        "mpc = ext2int(mpc);",
        "the case is made by 'ext2int(mpc)'",
    ),
    "unknown command": ("tidy_up(mpc);", "cannot follow 'tidy_up(mpc)'"),
    "unknown script": ("my_constants", "cannot follow 'my_constants'"),
    "eval": ("eval('mpc.bus(:, 3) = 1;');", "cannot follow 'eval"),
    "product of matrices": (
        "mpc.bus(:, 3) = mpc.bus(:, 3) * mpc.bus(:, 4);",
        "write '.*' if elements are meant",
    ),
    "sizes": ("mpc.bus(:, 3) = [1 2];", "does not fit into (3, 1)"),
    "complex": ("mpc.bus(1, 3) = sqrt(-1);", "no real number"),
    "complex power": ("mpc.bus(1, 3) = (-8)^(1/3);", "no real number"),
    "division by zero": ("mpc.bus(:, 3) = mpc.bus(:, 3) / 0;", "division by zero"),
    "deleted rows": ("mpc.bus(2, :) = [];", "does not fit"),
    "unclosed": ("mpc.bus = [1 2", "a bracket '[' is not closed"),
    "a bracket that swallows the file": (
        "x = (1 + 2;\nmpc.bus(:, 3) = 3;",
        "a bracket '(' is not closed",
    ),
    "eval where nobody looks": (
        "x = evalc('mpc.bus(:, 3) = 3;');",
        "x: unknown name 'evalc'",
    ),
    "eval in an element": (
        "x = 1;\nx(1) = eval('mpc.baseMVA = 3');",
        "x: unknown name 'eval'",
    ),
    "a condition that overflows": ("if 0:1e-308:1e308\nend", "cannot"),
    "a condition without end": (
        "if (1:1e6) + (1:1e6)'\nend",
        "a matrix of 1000000000000 elements",
    ),
    "outer product": (
        "mpc.bus(:, 3) = (1:1e6) & (1:1e6)';",
        "a matrix of 1000000000000 elements",
    ),
    "repeated rows": (
        "y = 1 + 0 * (1:1e6);\nmpc.bus = mpc.bus(y, y);",
        "a matrix of 1000000000000 elements",
    ),
    "elements set again and again": (
        "y = 1 + 0 * (1:1e6);\nmpc.bus(y, y) = 1;",
        "a matrix of 1000000000000 elements",
    ),
    "doubled": (
        "x = 1:1e6;\n" + "x = [x; x];\n" * 4 + "mpc.bus = x;",
        "cannot be followed: a matrix of 16000000 elements",
    ),
    "many": (
        "".join(f"x{k} = 1:1e6;\n" for k in range(200)),
        "more than 100,000,000 numbers",
    ),
    "many in one": ("x = [" + "1:1e6;" * 200 + "];\n", "more than 100,000,000 numbers"),
    "number": ("mpc.bus(1, 3) = 0x10;", "cannot read the number '0x10"),
}


@pytest.mark.parametrize(("tail", "said"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_followed_is_refused_by_line(
    tmp_path: Path, tail: str, said: str
) -> None:
    with pytest.raises(InputError) as raised:
        run(tmp_path, tail + "\n")
    message = str(raised.value)
    assert said in message
    assert "[MATPOWER.STATEMENT] small.m line 1" in message
    assert "savecase" in message


def test_version_1_is_named(tmp_path: Path) -> None:
    text = "function [baseMVA, bus, gen, branch] = old\nbaseMVA = 100;\nbus = [1 2];\n"
    with pytest.raises(
        InputError,
        match=r"line 1: the function returns several matrices, as cases of version 1 do",
    ):
        run(tmp_path, text=text)


def test_the_case_may_have_any_name(tmp_path: Path) -> None:
    case = run(tmp_path, "mpc = 3;\ngrid.bus(2, 3) = 8;\n", CASE.replace("mpc", "grid"))
    assert demand(case) == [0.0, 8.0, 0.5]


@pytest.mark.parametrize(
    "tail",
    [
        "mpc.bus(:," + " " * 200_000 + "x\n",
        "mpc.bus " + "(" * 50_000 + "\n",
        "x = " + "-" * 100_000 + "1;\n",
        "x = " + "(" * 100_000 + "1;\n",
        "x = " + "1+" * 100_000 + "1;\n",
        "x = 9^9^9^9;\n",
        "x = 10^400;\n",
        "x = 1:1e12;\n",
        "x = '" + "a" * 200_000 + "\n",
    ],
    ids=[
        "blanks",
        "index",
        "signs",
        "brackets",
        "sum",
        "power",
        "overflow",
        "range",
        "text",
    ],
)
def test_hostile_statements_cost_little_and_end_in_one_message(
    tmp_path: Path, tail: str
) -> None:
    began = time.perf_counter()
    with suppress(InputError):
        run(tmp_path, tail)
    # what is quadratic takes many minutes at these lengths
    assert time.perf_counter() - began < 30.0


SIDE_BY_SIDE = {
    "else on one line": (
        "if nargin, x = 1; else mpc.bus(2, 3) = 7; end\n",
        [0.0, 7.0, 0.5],
    ),
    "else if, first": (
        "if true\nmpc.bus(2, 3) = 5;\nelse if true\nmpc.bus(2, 3) = 6;\nend\nend\nmpc.bus(3, 3) = 9;\n",
        [0.0, 5.0, 9.0],
    ),
    "else if, second": (
        "if 0\nx = 5;\nelse if true\nmpc.bus(2, 3) = 6;\nelse\nx = 7;\nend\nend\nmpc.bus(3, 3) = 9;\n",
        [0.0, 6.0, 9.0],
    ),
    "else if, none": (
        "if 0\nx = 5;\nelse if 0\nmpc.bus(2, 3) = 6;\nend\nend\nmpc.bus(3, 3) = 9;\n",
        [0.0, 2.0, 9.0],
    ),
    "name that begins with end": (
        "if 0\nend_load(1);\nend\nmpc.bus(2, 3) = 7;\n",
        [0.0, 7.0, 0.5],
    ),
    "bracket behind a transpose": (
        "a = [1 2]; b = [3 4];\nx = (a' + b)';\nmpc.bus(2, 3) = 7;\n",
        [0.0, 7.0, 0.5],
    ),
    "quotes within a text": (
        "s = {'a'' % b', 'c'};\nmpc.bus(2, 3) = 7;\n",
        [0.0, 7.0, 0.5],
    ),
    "brackets within a text": (
        "s = {'don''t ('; 'c'};\nmpc.bus(2, 3) = 7;\n",
        [0.0, 7.0, 0.5],
    ),
    "power, then transpose": (
        "a = [1 2]; b = [2 3]; x = a.^b'; mpc.bus(2, 3) = x(2, 1);\n",
        [0.0, 8.0, 0.5],
    ),
    "variable with the name of a function": (
        "log = [4 5 6]; mpc.bus(2, 3) = log(2);\n",
        [0.0, 5.0, 0.5],
    ),
    "constants over variables": (
        "PD = 4;\ndefine_constants;\nmpc.bus(2, PD) = 7;\n",
        [0.0, 7.0, 0.5],
    ),
}


@pytest.mark.parametrize(
    ("tail", "expected"), SIDE_BY_SIDE.values(), ids=list(SIDE_BY_SIDE)
)
def test_what_stands_on_one_line_is_told_apart(
    tmp_path: Path, tail: str, expected: list[float]
) -> None:
    assert demand(run(tmp_path, tail)) == expected


def test_a_bracket_that_swallows_the_file_is_refused_even_where_nobody_uses_it(
    tmp_path: Path,
) -> None:
    with pytest.raises(InputError, match=r"line 14.*not closed"):
        run(tmp_path, "x = unknown(1;\nmpc.bus(2, 3) = 7;\n")
