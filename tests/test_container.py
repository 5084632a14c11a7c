"""The Containerfile says what is true: files that are there, flags, paths and modules that the program has, and no root."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from tieline.cli.main import main
from tieline.service.settings import HOME, ServiceSettings

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def steps() -> list[tuple[str, str]]:
    """Instructions with what stands behind them, in order."""
    text = (ROOT / "Containerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    whole = "\n".join(lines).replace("\\\n", " ")
    return [
        (word, rest.strip())
        for word, _, rest in (line.partition(" ") for line in whole.splitlines())
        if word
    ]


def of_kind(word: str) -> list[str]:
    return [rest for kind, rest in steps() if kind == word]


def copied() -> list[str]:
    sources = []
    for rest in of_kind("COPY"):
        *names, _ = rest.split()
        sources += names
    return sources


def test_what_is_copied_is_there_and_not_ignored():
    ignored = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    let_through = [line[1:] for line in ignored if line.startswith("!")]
    assert "*" in ignored
    assert sorted(let_through) == sorted(copied())
    for name in copied():
        assert (ROOT / name).exists(), name
    # what the build of the package reads
    project = PROJECT["project"]
    assert {project["readme"], *project["license-files"]} <= set(copied())


def test_what_is_installed_is_there_and_of_the_versions_that_the_tests_ran_with():
    (install,) = [rest for rest in of_kind("RUN") if "pip install" in rest]
    words = shlex.split(install)
    assert words[words.index("--constraint") + 1] in copied()
    (extra,) = re.findall(r"\.\[(\w+)\]", install)
    assert extra in PROJECT["project"]["optional-dependencies"]
    (base,) = of_kind("FROM")
    version = re.findall(r":(\d\.\d+)-slim$", base)
    head = (ROOT / "constraints.txt").read_text("utf-8").splitlines()[0]
    assert f"Python {version[0]}" in head


def test_the_command_is_one_that_the_program_knows(capsys: pytest.CaptureFixture[str]):
    (entry,) = of_kind("ENTRYPOINT")
    (command,) = of_kind("CMD")
    assert json.loads(entry) == ["tieline"]
    name, *words = json.loads(command)
    assert main([name, "--help"]) == 0
    text = capsys.readouterr().out
    flags = [word for word in words if word.startswith("--")]
    assert flags
    assert all(flag in text for flag in flags)
    values = dict(zip(words[::2], words[1::2], strict=True))
    settings = ServiceSettings(
        **{flag.removeprefix("--"): value for flag, value in values.items()}
    )
    # others than this container reach it
    assert not settings.is_loopback
    assert of_kind("EXPOSE") == [str(settings.port)]


def test_nothing_runs_as_root_and_what_is_kept_outlives_the_container():
    kinds = [kind for kind, _ in steps()]
    assert of_kind("USER") == ["tieline"]
    for later in ("VOLUME", "CMD", "ENTRYPOINT"):
        assert kinds.index("USER") < kinds.index(later)
    assert of_kind("VOLUME") == [f"{of_kind('WORKDIR')[-1]}/{HOME}"]


def test_modules_and_paths_that_it_names_exist():
    run = " ".join(of_kind("RUN"))
    (module,) = re.findall(r"python -m ([\w.]+)", run)
    assert importlib.util.find_spec(module) is not None
    (check,) = of_kind("HEALTHCHECK")
    (port, path) = re.findall(r"127\.0\.0\.1:(\d+)(/[\w/]+)", check)[0]
    assert port == str(ServiceSettings().port)
    from tieline.service.api.health import ROUTES

    assert path in [getattr(route, "path", "") for route in ROUTES.routes]
