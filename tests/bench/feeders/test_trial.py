"""Feeder files: found by what is in them, tried whatever they hold, judged by the equations of their format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tieline.bench.feeders.by_source import by_source
from tieline.bench.feeders.files import feeder_files
from tieline.bench.feeders.goals import goals
from tieline.bench.feeders.kinds import HELD, SMALL, WHOLE, kind_of_text
from tieline.bench.feeders.measure import FeederTrials
from tieline.bench.feeders.page import page, summary
from tieline.bench.feeders.trial import Trial, largest_difference, try_file
from tieline.bench.kit.markdown import Table, sections_to_markdown

CASE = """function mpc = three
mpc.version = '2';
mpc.baseMVA = 10;
mpc.bus = [
1 3 0   0   0   0 1 1 0 12.66 1 1.1 0.9;
2 1 1.0 0.5 0   0 1 1 0 12.66 1 1.1 0.9;
3 2 0.8 0.3 0 0.2 1 1 0 12.66 1 1.1 0.9;
];
mpc.gen = [
1 0   0 10 -10 1.02 10 1 10 0;
3 0.5 0 10 -10 1.01 10 1 10 0;
];
mpc.branch = [
1 2 0.02 0.04 0.004 0 0 0 0    0 1 -360 360;
2 3 0.01 0.05 0     0 0 0 0.98 5 1 -360 360;
1 3 0.02 0.04 0     0 0 0 0    0 1 -360 360;
];
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A case, a MATLAB file that is none, a script without a circuit."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "three.m").write_text(CASE)
    (tmp_path / "plot_it.m").write_text("x = 1;\nplot(x);\n")
    (tmp_path / "loads.dss").write_text("new load.one bus1=a kw=1\n")
    return tmp_path


def test_feeders_are_found_by_what_is_in_them(folder: Path) -> None:
    assert feeder_files([str(folder), "ieee13"]) == [
        str(folder / "deep" / "three.m"),
        "ieee13",
    ]


def test_a_script_that_others_finish_is_a_part_of_them(tmp_path: Path) -> None:
    (tmp_path / "Substation.dss").write_text("new circuit.c bus1=a\n")
    (tmp_path / "master.dss").write_text("clear\nredirect [substation.dss]\n")
    whole = "new circuit.d bus1=a\nset voltagebases=[1]\n"
    (tmp_path / "whole.dss").write_text(whole)
    (tmp_path / "run.dss").write_text("redirect whole.dss\nsolve\n")
    (tmp_path / "alone.dss").write_text("new circuit.e bus1=a\n")
    names = [Path(file).name for file in feeder_files([str(tmp_path)])]
    assert names == ["alone.dss", "master.dss", "whole.dss"]


def test_a_case_with_a_loop_a_shift_and_a_pv_bus_agrees(folder: Path) -> None:
    trial = try_file(str(folder / "deep" / "three.m"))
    assert trial.end == "solved"
    assert trial.engine == "MATPOWER's equations"
    assert trial.held_pu is not None
    assert trial.held_pu < 1e-9
    assert "MATPOWER.Q_LIMITS_FREE" in trial.notes


def test_a_file_that_cannot_be_read_says_why(folder: Path) -> None:
    broken = folder / "broken.m"
    broken.write_text(CASE.replace("3 0.5 0", "9 0.5 0"))
    trial = try_file(str(broken))
    assert (trial.end, trial.codes) == ("refused", ("MATPOWER.BUS_UNKNOWN",))
    missing = try_file(str(folder / "none.m"))
    assert (missing.end, missing.codes) == ("refused", ())
    trials = FeederTrials((trial, missing))
    assert "2 files: 2 refused" in summary(trials).notes[0]
    reasons = page(trials).sections[2].blocks[0]
    assert not isinstance(reasons, str)
    assert ("MATPOWER.BUS_UNKNOWN", "1", "1") in getattr(reasons, "rows", ())


def test_only_nodes_that_both_have_are_compared() -> None:
    ours = np.array([1.0 + 0j, 0.9, 0.5])
    theirs = np.array([1.0 + 0j, 0.8, complex(np.nan)])
    assert largest_difference(ours, theirs) == pytest.approx(0.1)
    assert largest_difference(ours, np.full(3, complex(np.nan))) is None


def test_feeders_are_counted_by_source_and_judged_by_voltage() -> None:
    trials = (
        Trial("a/one.m", "solved", held_pu=2e-9, acting_pu=2e-9, highest_kv=12.0),
        Trial("a/two.m", "solved", held_pu=2e-6, acting_pu=2e-6, highest_kv=12.0),
        Trial(
            "pandapower:hv", "solved", held_pu=2e-6, acting_pu=2e-6, highest_kv=110.0
        ),
        Trial("pandapower:no", "refused", reason="svc"),
        Trial("ieee13", "solved"),
    )
    table = by_source(trials)
    counts = {row[0]: row[1:7] for row in table.rows}
    # feeders, solved, compared, agree, others with and without notes
    assert counts["a"] == ("2", "2", "2", "1", "0", "1")
    assert counts["pandapower"] == ("2", "1", "1", "1", "0", "0")
    assert counts["bundled"] == ("1", "1", "0", "0", "0", "0")
    assert counts["all"] == ("5", "4", "3", "2", "0", "1")


def test_a_network_of_a_package_is_judged_by_pandapower() -> None:
    pytest.importorskip("pandapower", reason="pandapower is not installed")
    trial = try_file("pandapower:simple_four_bus_system")
    assert trial.engine == "pandapower"
    assert trial.held_pu is not None
    assert trial.held_pu < 1e-8


def _whole(file: str, **facts: Any) -> Trial:
    return Trial(file, "solved", kind=WHOLE, highest_kv=12.0, **facts)


def test_goals_are_of_whole_feeders_and_no_difference_is_silent() -> None:
    alike = _whole("a/one.dss", held_pu=1e-9, acting_pu=1e-9)
    noted = _whole("a/two.dss", held_pu=1e-3, acting_pu=1e-9, notes=("OPENDSS.X",))
    refused = Trial("a/three.dss", "refused", "no", kind=WHOLE)
    small = Trial("a/four.dss", "refused", "no", kind=SMALL)
    rows = goals((alike, noted, refused, small)).rows
    assert [row[1] for row in rows] == ["2 of 3 (66.7 %)", "1 of 2", "0 do"]
    assert [row[2] for row in rows] == ["not met", "not met", "met"]
    silent = _whole("a/five.dss", held_pu=1e-3, acting_pu=1e-3)
    assert goals((silent,)).rows[2][1:] == ("1 do", "not met")


def test_the_page_has_a_row_for_what_is_refused_or_differs_alone() -> None:
    trials = (
        _whole("/home/me/set/a/one.dss", held_pu=1e-9, acting_pu=1e-9),
        _whole("/home/me/set/b/two.dss", held_pu=1e-3, acting_pu=1e-3),
        Trial("/home/me/set/b/no.dss", "refused", "'/home/me/set/b/no.dss' | is bad"),
        _whole("/home/me/set/b/alone.dss"),
    )
    section = page(FeederTrials(trials, ("/home/me/set",))).sections[-1]
    assert section.title == "path/to/me/set"
    text, table = section.blocks
    assert text == "4 files; 1 agree, 1 are solved and compared with nothing."
    assert isinstance(table, Table)
    ends = [(row[0], row[2], row[5]) for row in table.rows]
    assert ends == [
        ("path/to/b/no.dss", "refused", "'no.dss' / is bad"),
        ("path/to/b/two.dss", "differs", "no note"),
    ]


def test_a_refused_file_is_sorted_by_its_words(tmp_path: Path) -> None:
    def kind(text: str) -> str:
        path = tmp_path / "f.dss"
        path.write_text(text)
        return kind_of_text(str(path))

    loads = "".join(f"new load.l{k} bus1=a\n" for k in range(10))
    assert kind("new circuit.c\n" + loads) == WHOLE
    assert kind("new circuit.c\nnew load.l bus1=a\n") == SMALL
    assert kind("redirect loads.dss\n") == WHOLE
    assert kind(loads + "New Generator.g bus1=a kw=1 model=3\n") == HELD
    assert kind_of_text("case118.m") == WHOLE


def test_a_page_tells_of_no_folder_and_counts_messages_by_their_words(
    tmp_path: Path,
) -> None:
    reason = f"OpenDSS file '{tmp_path}/one.dss', line 3: it ends."
    trials = FeederTrials(
        (
            Trial(str(tmp_path / "one.dss"), "refused", reason=reason),
            Trial(
                str(tmp_path / "two.dss"),
                "refused",
                reason=reason.replace("one", "two"),
            ),
        ),
        (str(tmp_path),),
    )
    text = sections_to_markdown(page(trials).sections, "page")
    assert str(tmp_path) not in text
    assert "| OpenDSS file | 2 | 2 |" in text
