"""The commands of docs/microgrids.md are commands: each of their options is one of the study, with a value it takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tieline.studies.config import make_config
from tieline.studies.microgrids.config import MicrogridsConfig

PAGE = Path(__file__).parents[3] / "docs" / "microgrids.md"
COMMANDS = re.findall(
    r"^tieline run microgrids(.*?)(?:#.*)?$", PAGE.read_text(encoding="utf-8"), re.M
)


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) == 5


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_page_is_a_configuration(command: str) -> None:
    words = shlex.split(command)
    names = [word.removeprefix("--").replace("-", "_") for word in words[::2]]
    values = dict(zip(names, words[1::2], strict=True))
    config = make_config(MicrogridsConfig, values)
    assert set(values) <= config.model_fields_set
