"""House rules that no linter checks: a light command line, short files, docstrings, no path of some machine in the package."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import tieline

PACKAGE = Path(tieline.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))

HEAVY = {
    "numba",
    "pandas",
    "plotly",
    "pyarrow",
    "scipy",
    "networkx",
    "opendssdirect",
    "pandapower",
    "jax",
}
"""Packages that take long to import: a command that only prints text must not wait for them."""

LONGEST_FILE_LINES = 600
HOST_PATH = re.compile(
    r"(?<![\w.~])/(home|root|Users|work|tmp|opt|mnt|private/var)/\w|\b[A-Z]:\\\w|\bfile://"
)
HEADER_BYTES = 8
"""Of the length that a .safetensors file begins with."""

NOT_TEXT = {".parquet", ".npz", ".npy", ".png", ".pyc", ".nbi", ".nbc"}


def modules_loaded_by(code: str) -> set[str]:
    """Top-level modules in a fresh interpreter after running `code`, which may exit."""
    report = "import sys, atexit; atexit.register(lambda: print('\\n' + ' '.join(sys.modules), file=sys.stderr)); "
    done = subprocess.run(
        [sys.executable, "-c", report + code],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}


def public_definitions(source: str) -> list[tuple[str, bool]]:
    """Name and "has a docstring" of the module, its public classes, functions and methods."""
    tree = ast.parse(source)
    found = [("module", ast.get_docstring(tree) is not None)]
    bodies: list[tuple[str, list[ast.stmt]]] = [("", tree.body)]
    for prefix, body in bodies:
        for node in body:
            if not isinstance(
                node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            ) or node.name.startswith("_"):
                continue
            found.append((prefix + node.name, ast.get_docstring(node) is not None))
            if isinstance(node, ast.ClassDef):
                bodies.append((f"{prefix}{node.name}.", node.body))
    return found


def test_import_loads_no_numerical_library():
    assert not modules_loaded_by("import tieline") & (HEAVY | {"numpy"})


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_command_line_prints_help_without_heavy_libraries(arguments: list[str]):
    code = f"import sys; from tieline.cli.main import main; sys.exit(main({arguments}))"
    assert not modules_loaded_by(code) & HEAVY


def test_modules_loaded_by_sees_an_import():
    assert "scipy" in modules_loaded_by("import scipy")


@pytest.mark.parametrize("name", tieline.__all__)
def test_public_name_is_there(name: str):
    assert getattr(tieline, name).__module__.startswith("tieline.")


def test_unknown_public_name_says_what_there_is():
    with pytest.raises(AttributeError, match=r"no attribute 'sovle'.*solve"):
        _ = tieline.sovle


@pytest.mark.parametrize(
    "path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_file_holds_one_idea(path: Path):
    count = len(path.read_text(encoding="utf-8").splitlines())
    assert count <= LONGEST_FILE_LINES, f"{count} lines: split it, one idea per file"


@pytest.mark.parametrize(
    "path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_every_public_name_has_a_docstring(path: Path):
    bare = [
        name
        for name, documented in public_definitions(path.read_text(encoding="utf-8"))
        if not documented
    ]
    assert not bare, f"without docstring: {', '.join(bare)}"


def test_public_definitions_of_a_small_source():
    source = '"""Doc."""\nclass A:\n    def b(self): ...\n    def _c(self): ...\ndef d():\n    "Doc."\n'
    assert public_definitions(source) == [
        ("module", True),
        ("A", False),
        ("d", True),
        ("A.b", False),
    ]


def written_text(path: Path) -> str:
    """What a file says in words: of policies the header alone, as numbers may look like anything."""
    data = path.read_bytes()
    if path.suffix == ".safetensors":
        size = int.from_bytes(data[:HEADER_BYTES], "little")
        data = data[HEADER_BYTES : HEADER_BYTES + size]
    return data.decode("utf-8", errors="replace")


def test_of_a_policy_the_header_is_searched_and_not_its_numbers(tmp_path: Path):
    policy = tmp_path / "policy.safetensors"
    numbers = np.frombuffer(b"X:\\O/tmp/a", dtype=np.uint8)
    save_file({"weights": numbers}, policy, {"from": "/home/ana/case.toml"})
    (match,) = HOST_PATH.finditer(written_text(policy))
    assert match.group() == "/home/a"


def test_no_path_of_a_machine_in_the_package():
    files = [
        path
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in NOT_TEXT
    ]
    assert files
    texts = {path: written_text(path) for path in files}
    bad = [
        f"{path}: {match.group()}"
        for path, text in texts.items()
        for match in HOST_PATH.finditer(text)
    ]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize(
    ("text", "is_host_path"),
    [
        ("read from /home/ana/feeder.dss", True),
        ("C:\\Users\\ana", True),
        ("--find-links file:///wheels", True),
        ("src/tieline/home/page.py", False),
        ("https://example.org/work/paper.pdf", False),
        ("1/2", False),
    ],
)
def test_host_path_pattern(text: str, is_host_path: bool):
    assert bool(HOST_PATH.search(text)) is is_host_path
