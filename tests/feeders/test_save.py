"""The name of the target says the format, and nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import two_bus
from tieline.errors import InputError
from tieline.feeders.load import load_feeder
from tieline.feeders.save import save_feeder


@pytest.mark.parametrize("name", ["tables", "script.dss", "set.json"])
def test_each_format_reads_back(tmp_path: Path, name: str) -> None:
    save_feeder(two_bus(), tmp_path / name)
    (load,) = load_feeder(tmp_path / name).loads
    assert (load.p_kw, load.q_kvar) == pytest.approx((1000.0, 500.0))


def test_a_file_that_exists_stays(tmp_path: Path) -> None:
    target = tmp_path / "set.json"
    target.write_text("mine")
    with pytest.raises(InputError, match="exists"):
        save_feeder(two_bus(), target)
    assert target.read_text() == "mine"
