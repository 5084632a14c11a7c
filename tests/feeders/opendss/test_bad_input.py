"""Hostile and odd OpenDSS files of the collection beside the checkout: a right answer or one message, and nothing written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tieline.cli.main import main
from tieline.feeders.opendss import read_opendss

ANSWERED = {
    "dss": (
        "batch",
        "cd",
        "connect",
        "dum3",
        "equiv_export",
        "exp3",
        "expform",
        "ok",
        "sav3",
        "setdata",
        "setecho",
        "trav",
        "vars",
    ),
    "syntax": (
        *(
            "block_end_code",
            "block_same_line",
            "disabled",
            "export_cont",
            "expr",
            "freq",
            "implicit",
        ),
        *(
            "loadmult",
            "more",
            "openline",
            "rpn",
            "save_lower",
            "slash_slash_prop",
            "xfkva",
            "yearly",
            "zipneg",
        ),
    ),
    "in": ("edge_*", "latin1*", "utf16", "utf8bom"),
    "dss13": ("*",),
}
"""Files that are merely odd; all others are refused."""

LOAD_KW = {
    "batch": 50.0,
    "vars": 105.0,
    "block_end_code": 100.0,
    "block_same_line": 0.0,
    "disabled": 100.0,
    "export_cont": 300.0,
    "expr": 6.0,
    "freq": 100.0,
    "implicit": 250.0,
    "loadmult": 200.0,
    "more": 160.0,
    "rpn": 200.0,
    "slash_slash_prop": 100.0,
    "xfkva": 44.0,
    "yearly": 100.0,
    "IEEE13Nodeckt": 3466.0,
    "ieee13_sol": 3466.0,
}
"""Load [kW] that the engine has after each file."""


def files(shared: Path) -> list[Path]:
    folders = (shared / "bad-input" / name for name in ANSWERED)
    return [
        path
        for folder in folders
        for path in sorted(folder.iterdir())
        if path.suffix.lower() == ".dss"
    ]


def is_answered(path: Path) -> bool:
    return any(Path(path.stem).match(pattern) for pattern in ANSWERED[path.parent.name])


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_file_is_answered_or_refused_and_nothing_is_written(
    shared_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    copied = tmp_path / "bad-input"
    for name in ANSWERED:
        shutil.copytree(shared_dir / "bad-input" / name, copied / name)
    (copied / "escaped" / "dss").mkdir(parents=True)
    monkeypatch.chdir(copied / "escaped")
    before = snapshot(tmp_path)
    wrong = {}
    for path in files(tmp_path):
        if path.stem == "IEEELineCodes":  # a part of a feeder
            continue
        code = main(["feeders", "show", str(path)])
        out, errors = capsys.readouterr()
        good = (
            (code == 0 and bool(out))
            if is_answered(path)
            else (code == 2 and not out and errors.startswith("tieline: "))
        )
        if not good or "Traceback" in errors or snapshot(tmp_path) != before:
            wrong[path.name] = (code, errors)
    assert wrong == {}


@pytest.mark.parametrize("name", LOAD_KW)
def test_odd_files_have_the_load_that_the_engine_gives_them(
    shared_dir: Path, name: str
):
    (path,) = [path for path in files(shared_dir) if path.stem == name]
    assert read_opendss(path).peak_load_kw == pytest.approx(LOAD_KW[name], abs=0.01)


def test_a_shortened_solve_moves_no_tap(shared_dir: Path):
    folder = shared_dir / "bad-input" / "dss13"
    shortened, written = (
        read_opendss(folder / "ieee13_sol.dss"),
        read_opendss(folder / "IEEE13Nodeckt.dss"),
    )
    assert shortened.transformers == written.transformers
    assert shortened.loads == written.loads


def test_names_in_an_old_code_page_are_those_in_utf8(shared_dir: Path):
    folder = shared_dir / "bad-input" / "in"
    old, new = (
        read_opendss(folder / "latin1_merge.dss"),
        read_opendss(folder / "latin1_utf8.dss"),
    )
    assert old.buses == new.buses
    assert old.lines == new.lines
    assert old.loads == new.loads
