"""The commands of docs/restoration.md are commands, and it names every decider and scenario."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tieline.studies.config import make_config
from tieline.studies.restoration.config import SCENARIOS, RestorationConfig
from tieline.studies.restoration.deciders import DECIDERS

PAGE = (Path(__file__).parents[3] / "docs" / "restoration.md").read_text("utf-8")
COMMANDS = re.findall(r"^tieline run restoration(.*?)(?:#.*)?$", PAGE, re.M)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_page_is_a_configuration(command: str) -> None:
    words = shlex.split(command)
    names = [word.removeprefix("--").replace("-", "_") for word in words[::2]]
    values = dict(zip(names, words[1::2], strict=True))
    assert set(values) <= make_config(RestorationConfig, values).model_fields_set


@pytest.mark.parametrize("name", [*DECIDERS, *SCENARIOS])
def test_every_name_stands_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE
