"""The counts of tools/house_table.py on sources that are small enough to count by eye."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from house_table import (
    comments_per_hundred,
    complexity,
    count_folder,
    count_source,
    densest,
    house_table,
    is_true_pair,
    nodes_per_line,
    not_nouns,
    not_nouns_pct,
    package_root,
    total,
)

SOURCE = '''"""A file."""


def both_ends(own, values: list) -> tuple:
    """First, number, extremes."""
    # The list is sorted: its ends are its extremes.
    first, size = values[0], len(values)
    low, high = values[0], values[-1]
    return first, size, low, high  # noqa: RET504
'''


def test_counts_of_a_small_source():
    counts = count_source(SOURCE, "a.py")
    (body,) = counts.bodies
    assert (body.lines, body.body_lines, body.parameters, body.complexity) == (
        6,
        3,
        2,
        1,
    )
    assert counts.tally["parallel"] == 2
    assert len(counts.parallel) == 1
    assert counts.parallel[0].startswith("a.py:7 ")
    assert not_nouns(counts) == ["a.py:4  both_ends: own"]
    assert not_nouns_pct(counts) == pytest.approx(100 / 6)
    assert counts.tally["comments"] == 1
    assert counts.tally["code lines"] == 4
    assert comments_per_hundred(counts) == pytest.approx(100 / 4)


@pytest.mark.parametrize(
    ("line", "is_pair"),
    [
        ("p, q = 1, 2", True),
        ("v_low, v_high = 1, 2", True),
        ("self.p_kw, self.q_kvar = 1, 2", True),
        ("_, x = 1, 2", False),
        ("low, high, step = 1, 2, 3", False),
        ("low, count = 1, 2", False),
        ("a, a = 1, 2", False),
    ],
)
def test_true_pairs(line: str, is_pair: bool):
    node = ast.parse(line).body[0]
    assert isinstance(node, ast.Assign)
    assert is_true_pair(node) is is_pair


@pytest.mark.parametrize(
    ("body", "nodes"),
    [
        ("pass", 1),
        ("return", 1),
        ("return 1", 2),
        ("x = 1", 4),  # Assign, Name, Store, Constant
        ('"""Only prose."""\n    pass', 1),
    ],
)
def test_nodes_of_a_body(body: str, nodes: int):
    counts = count_source(f"def f():\n    {body}\n", "a.py")
    assert nodes_per_line(counts) == nodes


def test_one_thought_a_line_halves_the_density():
    dense = count_source("def f():\n    a = 1; b = 1\n", "a.py")
    airy = count_source("def f():\n    a = 1\n    b = 1\n", "a.py")
    assert nodes_per_line(dense) == 2 * nodes_per_line(airy)


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ("pass", 1),
        ("x = 1 if a else 2", 2),
        ("x = a and b and c", 3),
        ("x = [i for i in a if i]", 3),
        ("for i in a:\n        pass\n    else:\n        pass", 3),
        ("try:\n        pass\n    except ValueError:\n        pass", 2),
    ],
)
def test_complexity_is_mccabe_s(body: str, paths: int):
    (function,) = count_source(f"def f(a, b, c):\n    {body}\n", "a.py").bodies
    assert function.complexity == paths


def test_densest_leaves_out_bodies_of_a_line_or_two():
    text = "def f():\n    return [1, 2, 3, 4]\ndef g():\n    a = 1\n    b = 2\n    return a, b\n"
    assert [line.split()[2] for line in densest(count_source(text, "a.py"), 5)] == ["g"]


def test_folder_is_counted_by_parts_of_the_package(tmp_path: Path):
    package = tmp_path / "src" / "grid"
    (package / "flow" / "kernel" / "deep").mkdir(parents=True)
    for path in (
        "__init__.py",
        "flow/a.py",
        "flow/kernel/b.py",
        "flow/kernel/deep/c.py",
    ):
        (package / path).write_text(SOURCE)
    by_folder = count_folder(tmp_path / "src")
    assert {name: len(counts.files) for name, counts in by_folder.items()} == {
        ".": 1,
        "flow": 1,
        "flow/kernel": 2,
    }
    assert package_root(package) == package
    table = house_table({"old": total(by_folder), "new": total(by_folder)})
    assert "| files / lines " in table
    assert "333.3; 166.7 " in table


def test_complexity_of_a_module_counts_all_of_it():
    assert complexity(ast.parse("if a:\n    b = 1 if c else 2\n")) == 3
