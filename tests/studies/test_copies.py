"""What a run keeps of that which it was asked of; `test_shell` and the reserve study repeat runs from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import two_bus
from tieline.errors import InputError
from tieline.own_files import OwnFiles
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.catalogue import STUDIES, TRAININGS, Study
from tieline.studies.copies import (
    feeder_digest,
    read_copies,
    read_inputs,
    write_copies,
)
from tieline.studies.reserve.config import ReserveConfig

ALL = [*STUDIES.values(), *TRAININGS.values()]


@pytest.mark.parametrize("study", ALL, ids=[study.name for study in ALL])
def test_every_field_that_names_a_file_is_kept(study: Study) -> None:
    config = study.config_model
    tables = [name for name in config.model_fields if name.endswith("_table")]
    policies = [name for name in config.model_fields if name == "policy"]
    assert set(config.INPUT_TABLES) >= set(tables)
    assert set(config.INPUT_POLICIES) >= set(policies)
    assert set(config.model_fields) >= {*config.INPUT_TABLES, *config.INPUT_POLICIES}


def test_of_a_folder_of_policies_what_is_read_is_copied(tmp_path: Path) -> None:
    for name in ("policy-seed0.safetensors", "result.json", "report.html", "notes.md"):
        (tmp_path / name).write_text(name)
    inputs = read_inputs(ReserveConfig(policy=str(tmp_path)))
    assert inputs == {
        "policy/policy-seed0.safetensors": b"policy-seed0.safetensors",
        "policy/result.json": b"result.json",
    }


def test_what_cannot_be_read_is_left_to_the_study(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere.csv")
    assert read_inputs(BatteryConfig(load_table=nowhere)) == {}


@pytest.fixture
def beside(tmp_path: Path) -> OwnFiles:
    """Copies of a feeder and two tables, with their list."""
    inputs = {"load_table.csv": b"time,load\n", "sun_table.csv": b"time,sun\n"}
    files = OwnFiles(tmp_path, "list.json")
    config = {"feeder": "tiny", "load_table": "a/load.csv", "sun_table": "sun.csv"}
    content = {
        "version": "0",
        "config": config,
        "feeder_sha256": feeder_digest(two_bus()),
    }
    files.fill(content, lambda scratch: write_copies(scratch, two_bus(), inputs))
    return files


def test_a_copy_stands_for_the_name_that_was_asked(beside: OwnFiles) -> None:
    values = {"feeder": "tiny", "load_table": "a/load.csv", "sun_table": "other.csv"}
    copies = read_copies(beside, values)
    assert copies.feeder == two_bus()
    assert copies.inputs == {
        "load_table": str(beside.folder / "inputs" / "load_table.csv")
    }
    assert read_copies(beside, {"feeder": "other"}).feeder is None


def test_a_damaged_copy_is_refused_where_it_is_named(beside: OwnFiles) -> None:
    (beside.folder / "inputs" / "sun_table.csv").write_text("other\n")
    assert read_copies(beside, {"load_table": "a/load.csv"}).inputs
    with pytest.raises(InputError, match=r"inputs/sun_table\.csv changed"):
        read_copies(beside, {"sun_table": "sun.csv"})
