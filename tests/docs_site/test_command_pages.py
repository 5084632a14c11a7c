"""Pages of commands say what the command line takes."""

from __future__ import annotations

import pytest

from docs_site.command_pages import command_pages
from tieline.studies.catalogue import STUDIES, TRAININGS
from tieline.studies.hosting_capacity.config import HostingCapacityConfig


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return command_pages()


def test_every_study_and_training_has_a_page(pages: dict[str, str]) -> None:
    asked = [name for name, study in STUDIES.items() if not study.is_power_flow]
    assert {f"commands/run-{name}.md" for name in asked} <= set(pages)
    assert {f"commands/train-{name}.md" for name in TRAININGS} <= set(pages)


def test_every_page_is_listed(pages: dict[str, str]) -> None:
    index = pages["commands/index.md"]
    names = set(pages) - {"commands/index.md"}
    assert all(name.removeprefix("commands/")[:-3] in index for name in names)


def test_a_flag_has_its_sentence_and_its_default(pages: dict[str, str]) -> None:
    page = pages["commands/run-hosting-capacity.md"]
    fields = HostingCapacityConfig.model_fields
    sentence = fields["risk_pct"].description
    assert f"| `--risk-pct` | {sentence} | `5.0` |" in page
    assert "One of `random`, `uniform`, `close`, `far`. | `random` |" in page
    # the brackets of the help are columns here
    assert "[default" not in page


def test_what_must_be_given_is_required(pages: dict[str, str]) -> None:
    assert "| `TARGET` |" in pages["commands/feeders-convert.md"]
    assert "| required |" in pages["commands/feeders-convert.md"]
