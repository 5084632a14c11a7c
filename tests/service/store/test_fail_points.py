"""Every fail point is somewhere in the code, once, and nothing but a test arms them."""

from __future__ import annotations

import re
from pathlib import Path

import tieline.service
from tieline.service.store.fail_points import POINTS, arm, reach

FOLDER = Path(tieline.service.__file__).parent


def test_the_list_is_that_of_the_code():
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py")]
    in_code = [
        point
        for text in texts
        for point in re.findall(r'^ +reach\("(.*)"\)', text, re.M)
    ]
    # the docstring that shows how one is named has one more
    assert sorted(in_code) == sorted([*POINTS, "writer: before commit"])


def test_the_service_never_arms_them():
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py")]
    assert not any(
        re.search(r"\barm\(", text.replace("def arm(", "")) for text in texts
    )


def test_an_armed_point_is_told_until_it_is_disarmed():
    reached: list[str] = []
    reach("writer: gathered")
    arm(reached.append)
    reach("writer: gathered")
    arm(None)
    reach("writer: gathered")
    assert reached == ["writer: gathered"]
