"""What holds for every benchmark of the catalogue, the day it is entered: its folder, its flags, what it refuses, its page."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from annotated_types import Ge, Le

from tieline.bench.catalogue import BENCHES, Bench
from tieline.bench.kit.options import FEEDERS, BenchOptions, flag_name
from tieline.cli.main import main
from tieline.errors import install_command

NAMES = list(BENCHES)
WITH_FEEDERS = [
    name for name in NAMES if FEEDERS in BENCHES[name].options_model.model_fields
]
WITH_NEEDS = [(name, package) for name in NAMES for package in BENCHES[name].needs]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a benchmark begins to measure."""

    def measure(*_: object) -> None:
        raise AssertionError("it began to measure")

    monkeypatch.setattr(Bench, "measure", measure)


@pytest.fixture
def all_made_up(monkeypatch: pytest.MonkeyPatch, made_up: dict[str, Any]) -> None:
    """Measure nothing, return what is made up."""
    monkeypatch.setattr(
        Bench, "measure", lambda bench, options, tell: made_up[bench.name]
    )
    monkeypatch.setattr(
        Bench, "complete", lambda bench, measurement, options, tell: measurement
    )
    monkeypatch.setattr(Bench, "require_packages", lambda bench: None)


def whole_numbers(name: str) -> list[tuple[str, str]]:
    """Flags that take a whole number, each with a number that is just out of bounds."""
    numbers = []
    for field, info in BENCHES[name].options_model.model_fields.items():
        lows = [bound.ge for bound in info.metadata if isinstance(bound, Ge)]
        highs = [bound.le for bound in info.metadata if isinstance(bound, Le)]
        numbers += [(flag_name(field), str(low - 1)) for low in lows]  # type: ignore[operator]
        numbers += [(flag_name(field), str(high + 1)) for high in highs]  # type: ignore[operator]
    return numbers


def as_typed(default: object) -> str:
    """A default as a reader types it: of several values all, between commas."""
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    return str(default)


OUT_OF_BOUNDS = [(name, *number) for name in NAMES for number in whole_numbers(name)]


def refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one message of a command that refuses its input, and that it leaves nothing behind."""
    assert main(["bench", *arguments]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("tieline: ")
    assert "Traceback" not in output.err
    assert not list(Path().iterdir())
    return output.err


@pytest.mark.parametrize("name", NAMES)
def test_the_folder_holds_what_the_catalogue_promises(name: str) -> None:
    bench = BENCHES[name]
    assert bench.package == f"tieline.bench.{name.replace('-', '_')}"
    assert issubclass(bench.options_model, BenchOptions)
    assert all(field.description for field in bench.options_model.model_fields.values())
    bench.options_model()  # every option has a default
    measure, page = (
        import_module(f"{bench.package}.{file}") for file in ("measure", "page")
    )
    assert callable(measure.measure)
    assert hasattr(measure, "complete") == bool(bench.page_adds)
    assert callable(page.summary)
    assert callable(page.page)


@pytest.mark.parametrize("name", NAMES)
def test_help_says_the_question_and_every_flag_with_its_default(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", name, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    bench = BENCHES[name]
    assert bench.question in shown
    for field, info in bench.options_model.model_fields.items():
        if field == FEEDERS:
            assert " ".join(info.default) in shown
        else:
            assert flag_name(field) in shown
            default = as_typed(info.default)
            assert info.default is None or f"[default: {default}]" in shown
    assert "--out" in shown
    assert "--page" in shown


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from tieline.cli.main import main; main(['bench', '--help']);"
        "print([name for name in ('numpy', 'numba', 'pandas', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.usefixtures("nothing_is_measured")
@pytest.mark.parametrize("name", NAMES)
def test_places_that_cannot_be_written_are_refused(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refusal([name, "--page", "nowhere/page.md"], capsys)
    assert "'nowhere/page.md' cannot be written" in error
    assert "--page" in error
    assert "--out" in refusal([name, "--out", "nowhere/b.json"], capsys)
    assert "no ordinary file" in refusal([name, "--page", "."], capsys)
    assert "--out and --page name the same file" in refusal(
        [name, "--out", "b", "--page", "./b"], capsys
    )
    assert "--no-such-flag" in refusal([name, "--no-such-flag"], capsys)


@pytest.mark.usefixtures("nothing_is_measured")
@pytest.mark.parametrize(("name", "flag", "number"), OUT_OF_BOUNDS)
def test_numbers_out_of_bounds_are_refused(
    name: str, flag: str, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refusal([name, flag, number], capsys)
    assert flag in error
    assert number in error
    assert f"{flag} must be" in refusal([name, flag, "1.5"], capsys)


@pytest.mark.parametrize("name", WITH_FEEDERS)
def test_a_feeder_that_is_not_known_is_refused_before_any_is_measured(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refusal([name, "ieee33", "no-such-feeder"], capsys)
    assert "Unknown feeder 'no-such-feeder'" in error
    assert "measuring" not in error


@pytest.mark.usefixtures("nothing_is_measured")
@pytest.mark.parametrize(("name", "package"), WITH_NEEDS)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    name: str,
    package: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for needed in BENCHES[name].needs:  # any module does: nothing of it is used
        monkeypatch.setitem(sys.modules, needed, sys)
    monkeypatch.setitem(sys.modules, package, None)
    error = refusal([name], capsys)
    assert f"'{package}'" in error
    assert install_command(BENCHES[name].needs[package]) in error


@pytest.mark.usefixtures("all_made_up")
@pytest.mark.parametrize("name", NAMES)
def test_page_begins_with_the_heading_and_the_command(name: str) -> None:
    assert main(["bench", name, "--page", "p.md", "--out", "p.json"]) == 0
    bench = BENCHES[name]
    heading, _, *beginning = Path("p.md").read_text().splitlines()
    assert heading == f"# {bench.heading}"
    command = f"tieline bench {name} --page p.md"
    start = beginning.index(command)
    assert beginning[start - 1] == "```bash"
    assert beginning[start + 3].startswith("Machine: ")
    assert all(
        f"{package} " in beginning[start + 3]
        for package in ("tieline", *bench.packages)
    )
    figures = {f"p-{figure}.svg" for figure in bench.figures}
    assert {path.name for path in Path().iterdir()} == {"p.md", "p.json", *figures}
    assert json.loads(Path("p.json").read_text())["command"] == command


@pytest.mark.usefixtures("all_made_up")
@pytest.mark.parametrize("name", NAMES)
def test_every_table_has_as_many_cells_as_headings(
    name: str, made_up: dict[str, Any]
) -> None:
    page = BENCHES[name].page(made_up[name])
    summary = BENCHES[name].summary(made_up[name])
    blocks = [block for section in page.sections for block in section.blocks]
    tables = [block for block in blocks if hasattr(block, "rows")]
    for table in [*tables, *(table for _, table in summary.tables)]:
        assert len(table.alignment) == len(table.headings)
        assert table.rows
        assert all(len(row) == len(table.headings) for row in table.rows)


@pytest.mark.usefixtures("all_made_up")
@pytest.mark.parametrize("name", NAMES)
def test_the_screen_has_the_tables_and_no_file_is_written_unasked(
    name: str, made_up: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", name]) == 0
    shown = capsys.readouterr().out
    summary = BENCHES[name].summary(made_up[name])
    assert all(title in shown for title, _ in summary.tables)
    assert all(note in shown for note in summary.notes)
    assert not list(Path().iterdir())


@pytest.mark.usefixtures("all_made_up")
def test_the_command_on_the_page_says_what_was_changed_and_no_place_of_this_machine(
    tmp_path: Path,
) -> None:
    page = tmp_path / "page.md"
    feeder = tmp_path / "somewhere" / "Master.dss"
    arguments = [
        "ieee33",
        str(feeder),
        "--seed",
        "7",
        "--no-cold-start",
        "--page",
        str(page),
    ]
    assert main(["bench", "powerflow", *arguments]) == 0
    expected = (
        "tieline bench powerflow ieee33 path/to/somewhere/Master.dss --seed 7 --no-cold-start "
        "--page page.md"
    )
    assert expected in page.read_text().splitlines()
    assert str(tmp_path) not in page.read_text()
