"""Every small bad file that a careless or hostile person might hand over, against every command that takes it.

Each must end in one message and exit code 2 or 3, or in an answer where the file is merely odd (`ODD`), within the time, with
nothing written and no traceback. The files are a copy, so that a file that makes the engine write beside itself is seen.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from apart import LastingCopy

from tieline.cli.main import main
from tieline.errors import InputError
from tieline.profiles import load_table
from tieline.studies.catalogue import STUDIES
from tieline.studies.config import make_config, read_config_file

SHARED = Path(__file__).parents[3] / "shared" / "bad-input"
FEEDER_KINDS = (".dss", ".m", ".json", ".txt")

ODD = {
    "changes nothing that is not electric": [
        "dss/batch",
        "dss/ok",
        "dss/setecho",
        "dss/vars",
    ],
    "asks for a report, a connection or another folder in words that are left out": [
        *(
            f"dss/{name}"
            for name in (
                "connect",
                "dum3",
                "equiv_export",
                "exp3",
                "expform",
                "sav3",
                "setdata",
                "trav",
            )
        ),
        *("syntax/export_cont", "syntax/save_lower"),
    ],
    "has no load, only negative or reactive load, or a load behind an open line": [
        *(
            f"in/edge_{name}"
            for name in (
                "deadload",
                "mixedneg",
                "negload",
                "noload",
                "onebus",
                "onebusnoload",
                "reactive",
            )
        ),
        "in/edge_zeroload",
    ],
    "is of another alphabet than UTF-8, or has a byte order mark": [
        *(f"in/latin1{name}" for name in ("", "_ascii", "_merge", "_utf8")),
        *("in/utf16", "in/utf8bom"),
    ],
    "has a negative resistance, which a note says": ["in/negr"],
    "is unusual, and read as the engine reads it": [
        *(
            f"syntax/{name}"
            for name in (
                "block_end_code",
                "block_same_line",
                "disabled",
                "expr",
                "freq",
                "implicit",
                "loadmult",
            )
        ),
        *(
            f"syntax/{name}"
            for name in (
                "more",
                "openline",
                "rpn",
                "slash_slash_prop",
                "xfkva",
                "yearly",
                "zipneg",
            )
        ),
        "syntax/zzz/Master",
    ],
    "is a known feeder, at most with one word changed, or a hard one that has a solution": [
        *(
            "dss13/IEEE13Nodeckt",
            "dss13/ieee13_sol",
            "in/busnan",
            "wye_delta_equal_kv",
            "x3077",
        ),
    ],
}
"""Feeder files that may be answered, without their suffix, by the reason."""

ODD_TABLES = (
    *(
        "bom",
        "dst_fall_25",
        "dst_spring_23",
        "formula",
        "good",
        "huge",
        "kW",
        "other_day",
        "pqgood",
        "pqint2",
        "pqtz",
    ),
    *(
        "price_1e300",
        "price_ok",
        "script",
        "semicolon",
        "step_1_day",
        "sun_two",
        "sun_wm2",
        "tiny_step",
        "two_rows",
    ),
    *(
        "unknown_load",
        "utc_offset",
        "zero.csv",
        "bytes",
        "category",
        "decimal.parquet",
        "good_idx",
        "ints",
        "tz",
    ),
)
"""Tables that can be read: sound as tables, whatever their numbers mean to a study."""

ODD_CONFIGS = ("bom", "empty")
ODD_POLICIES = ("prov_none", "provenance_script")

QUICK = {
    "solve": ["solve", "FILE"],
    "solve --opf": ["solve", "FILE", "--opf", "nlp"],
    "solve --out": ["solve", "FILE", "--out", "o"],
    "feeders show": ["feeders", "show", "FILE"],
    "feeders convert": ["feeders", "convert", "FILE", "o"],
    "feeders convert .dss": ["feeders", "convert", "FILE", "o.dss"],
    "bench linear": ["bench", "linear", "FILE", "--scenarios", "1"],
    "bench opf": ["bench", "opf", "FILE"],
    "bench powerflow": ["bench", "powerflow", "FILE", "--no-cold-start"],
    "bench tree-search": ["bench", "tree-search", "FILE"],
    "bench battery": ["bench", "battery", "FILE"],
    "train reserve": ["train", "reserve", "--feeder", "FILE", "--out", "o"],
    "train market": ["train", "market", "--feeder", "FILE", "--out", "o"],
    **{
        f"run {study}": ["run", study, "--feeder", "FILE", "--out", "o"]
        for study in STUDIES
    },
}
"""Every command that takes a feeder."""


def files(pattern: str) -> list[str]:
    """Names of bad files, to be test cases; none where they are not beside this checkout."""
    return sorted(
        str(path.relative_to(SHARED)) for path in SHARED.glob(pattern) if path.is_file()
    )


def feeder_files() -> list[str]:
    """Files that a user may take for a feeder; parts of one that are saved beside their master are left out."""
    found = [
        name for name in files("**/*") if Path(name).suffix.lower() in FEEDER_KINDS
    ]
    return [name for name in found if "zzz/" not in name or name.endswith("Master.dss")]


def may_be_answered(name: str) -> bool:
    return any(name.removesuffix(Path(name).suffix) in names for names in ODD.values())


@pytest.fixture(scope="module")
def bad_input(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the files; what many commands load is loaded before they are copied into processes of their own."""
    import pandapower  # noqa: F401 - takes seconds

    from tieline import Network, load_feeder, solve

    solve(Network.from_feeder(load_feeder("ieee13")))
    copy = tmp_path_factory.mktemp("bad") / "bad-input"
    shutil.copytree(shared_dir / "bad-input", copy)
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return copy


@pytest.fixture(scope="module")
def copy(bad_input: Path) -> Iterator[LastingCopy]:
    """Of this process, once it has loaded what commands need."""
    copy = LastingCopy()
    yield copy
    copy.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def snapshot(*folders: Path) -> dict[str, bytes]:
    """Every file of the folders with its content, and every folder."""
    found = [path for folder in folders for path in folder.rglob("*")]
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in found}


def messages(text: str) -> list[str]:
    """What standard error says to the user, without progress bars."""
    assert "Traceback" not in text, text[-3000:]
    return [line for line in text.splitlines() if line.startswith("tieline: ")]


@pytest.mark.parametrize("name", feeder_files())
def test_a_feeder_file_is_solved_or_refused(
    name: str, bad_input: Path, copy: LastingCopy, folder: Path
) -> None:
    before = snapshot(bad_input)
    answer = copy.run(["solve", str(bad_input / name)], folder)
    assert answer.code in ((0, 2, 3) if may_be_answered(name) else (2, 3)), (
        f"{answer.code}: {answer.out[-1000:]} {answer.err[-2000:]}"
    )
    assert len(messages(answer.err)) == (0 if answer.code == 0 else 1), answer.err
    assert snapshot(bad_input) == before, "the file made the engine write beside it"
    assert snapshot(folder) == {}


REFUSED = (
    "in/nul.dss",
    "in/trunc.m",
    "in/list.json",
    "in/businf.m",
    "in/a.txt",
    "dss/missing.dss",
)
"""One of each reader, one that reads and is unsound, one of no reader."""


@pytest.mark.parametrize("name", REFUSED)
def test_every_command_refuses_it(
    name: str, bad_input: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, words in QUICK.items():
        arguments = [
            str(bad_input / name) if word == "FILE" else word for word in words
        ]
        assert main(arguments) == 2, command
        assert len(messages(capsys.readouterr().err)) == 1, command
        assert snapshot(folder) == {}, command


@pytest.mark.parametrize("name", files("in/cfg*"))
def test_a_configuration_is_refused_by_every_study(
    name: str, bad_input: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = bad_input / name
    for study in STUDIES.values():
        if any(name == f"in/cfg_{odd}.toml" for odd in ODD_CONFIGS):
            make_config(study.config_model, read_config_file(path))
            continue
        assert main(["run", study.name, "--config", str(path), "--out", "o"]) == 2
        (message,) = messages(capsys.readouterr().err)
        assert "pydantic" not in message
        assert snapshot(folder) == {}


@pytest.mark.parametrize("name", files("in/tab*"))
def test_a_table_is_read_or_refused(name: str, bad_input: Path) -> None:
    if any(Path(name).name.split("_", 1)[1].startswith(odd) for odd in ODD_TABLES):
        table = load_table(bad_input / name, "America/Edmonton")
        assert table.notna().to_numpy().all()
        return
    with pytest.raises(InputError) as error:
        load_table(bad_input / name, "America/Edmonton")
    assert "codec" not in str(error.value)
    assert name in str(error.value)


@pytest.mark.parametrize(
    "words",
    [
        [
            "hosting-capacity",
            "--time",
            "profiles",
            "--deployments",
            "1",
            "--load-table",
            "FILE",
        ],
        [
            "hosting-capacity",
            "--time",
            "profiles",
            "--deployments",
            "1",
            "--sun-table",
            "FILE",
        ],
        ["battery", "--bound", "off", "--load-table", "FILE"],
        ["battery", "--bound", "off", "--sun-table", "FILE"],
        ["battery", "--bound", "off", "--price-table", "FILE"],
        ["market", "--case", "ieee69", "--load-table", "FILE"],
        ["market", "--case", "ieee69", "--schedule-table", "FILE"],
        ["market", "--case", "ieee69", "--extra-table", "FILE"],
        ["market", "--case", "ieee69", "--price-table", "FILE"],
    ],
)
def test_every_study_refuses_a_table(
    words: list[str], bad_input: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("tab_NaN.csv", "tab_pqlist.parquet", "tab_other_day.csv"):
        arguments = [
            str(bad_input / "in" / name) if word == "FILE" else word for word in words
        ]
        assert (
            main(
                [
                    "run",
                    *arguments,
                    "--start",
                    "2025-06-21",
                    "--days",
                    "1",
                    "--out",
                    "o",
                ]
            )
            == 2
        )
        assert len(messages(capsys.readouterr().err)) == 1
        assert snapshot(folder) == {}


@pytest.mark.parametrize("name", files("in/pol*"))
def test_a_policy_is_refused(
    name: str, bad_input: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    is_sound = any(name == f"in/pol_{odd}.safetensors" for odd in ODD_POLICIES)
    code = main(
        [
            "run",
            "reserve",
            "--policy",
            str(bad_input / name),
            "--held-out",
            "0",
            "--out",
            "o",
        ]
    )
    assert code == (0 if is_sound else 2)
    assert len(messages(capsys.readouterr().err)) == (0 if is_sound else 1)
    assert is_sound or snapshot(folder) == {}


@pytest.mark.parametrize("name", files("in/pol*"))
def test_a_policy_of_another_kind_is_refused(
    name: str, bad_input: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those that the reserve can use have no seat in the market."""
    policy = ["--policy", str(bad_input / name), "--out", "o"]
    assert main(["run", "market", "--case", "ieee69", *policy]) == 2
    assert len(messages(capsys.readouterr().err)) == 1
    assert snapshot(folder) == {}


MARKET_REFUSALS = {
    "--microgrids 50": (2, "Possible numbers: 5, 6, 7"),
    "--microgrids 3 --root 8 --reach-pu 0.01": (2, "microgrids and root divide"),
    "--root 8": (2, "give a reach for each root"),
    "--watch 999": (2, "Unknown bus"),
    "--watch 83:20": (2, "Bus '83' cannot be watched"),
    "--watch 18:90,18:80": (2, "'18' stands there twice"),
    "--limit 1000-1001:50": (2, "Unknown line"),
    "--limit 135-35:base-5000": (2, "Take off less"),
    "--limit 135-35:700,l114:600": (2, "names line 'l114' twice"),
    "--reference-price 0": (2, "not above 0"),
    "--ders 18:100@-0.05": (2, "ask less than 0"),
    "--ders 18:100": (3, "No microgrid of feeder 'ieee123' can be adequate"),
    "--ders 18:100 --no-adequate --from-hour 18": (3, "limit of line 'l114'"),
    "--ders 18:100 --der-kw 50": (2, "--der-kw has no meaning beside it"),
    "--choice greedy --policy any": (2, "choice greedy asks no policy"),
    "--der-count 1000": (2, "has 123 places"),
    "--extra-loads 8:1e6": (3, "has no solution. Lower them (--extra-loads)"),
    "--load-pct 0": (2, "has no load"),
    "--from-hour 20 --to-hour 10": (2, "is not before --to-hour"),
    "--currency XX": (2, "Unknown currency"),
    "--case ieee33 --feeder ieee123": (2, "Leave out one of them"),
}
"""Flags of the market with the exit code and a part of the message."""


@pytest.mark.parametrize("flags", MARKET_REFUSALS)
def test_the_market_says_what_it_cannot_do(
    flags: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, part = MARKET_REFUSALS[flags]
    assert main(["run", "market", *flags.split(), "--out", "o"]) == code
    stderr = capsys.readouterr().err
    assert len(messages(stderr)) == 1
    assert part in " ".join(stderr.split())
    assert snapshot(folder) == {}


@pytest.mark.parametrize("name", ["in/a.txt", "in", "in/empty.json", "absent"])
def test_what_is_no_run_folder_is_not_reported_on(
    name: str, bad_input: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(bad_input / name)]) == 2
    assert len(messages(capsys.readouterr().err)) == 1


def test_names_with_brackets_are_printed_as_they_are(
    bad_input: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feeder = str(bad_input / "markup_feeder")
    assert main(["solve", feeder]) == 0
    assert "[/b]" in capsys.readouterr().out
    for command in (
        ["feeders", "show", feeder],
        ["run", "interval", "--draws", "5", "--feeder", feeder, "--out", "o"],
    ):
        assert main(command) == 0
        assert messages(capsys.readouterr().err) == []


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
