"""Seen from outside, by strace: a hostile file writes and loads nothing, with the look at its words and without."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def can_trace() -> bool:
    """Whether strace is there and may look into processes."""
    if sys.platform != "linux" or shutil.which("strace") is None:
        return False
    return (
        subprocess.run(
            ["strace", "-o", os.devnull, "true"], capture_output=True, check=False
        ).returncode
        == 0
    )


pytestmark = pytest.mark.skipif(not can_trace(), reason="needs strace, on Linux")

SCRIPT = """
import sys
from pathlib import Path
from tieline.errors import InputError
from tieline.feeders.opendss.process import read_in_process
for name in sys.argv[2:]:
    try:
        read_in_process(Path(name), **({"unfiltered": True} if sys.argv[1] == "unfiltered" else {}))
        print("read")
    except InputError as error:
        print(str(error).splitlines()[0][:40])
"""

HEAD = """clear
new circuit.c basekv=12.47 pu=1.0 bus1=src
new line.l1 bus1=src bus2=b1 length=1 units=km r1=0.1 x1=0.2 r0=0.3 x0=0.6 c1=0 c0=0
new generator.g bus1=b1 kv=12.47 kw=10
new transformer.t buses=[b1 b2] kvs=[12.47 12.47] kvas=[500 500]
set voltagebases=[12.47]
calcvoltagebases
"""

MARKING = '#include <stdlib.h>\n__attribute__((constructor)) static void on_load(void) { system("touch FOLDER/loaded"); }'

ATTACKS = {
    "generator": "edit generator.g usermodel={lib}",
    "shaft": "edit generator.g shaftmodel={lib}",
    "pv": "new pvsystem.p bus1=b1 kv=12.47 kva=10 pmpp=10 usermodel={lib}",
    "storage": "new storage.s bus1=b1 kv=12.47 kwrated=10 kwhrated=10 dynadll={lib}",
    "trace": "new regcontrol.r transformer=t winding=2 debugtrace=yes\nsolve",
    "save": "save circuit dir={folder}/saved",
    "export": "solve\nexport voltages {folder}/voltages.csv",
    "export_over_a_file": "solve\nexport voltages {victim}",
    "show": "solve\nshow voltages",
    "dump": "dump",
    "recorder": "set recorder=yes\nsolve",
    "folder": "set datapath={folder}/made",
    "shape": "cd {folder}\nnew loadshape.s npts=1 mult=(1) action=dblsave",
    "shapes": "cd {folder}\ncvrtloadshapes type=dbl",
    "align": "alignfile file={victim}",
    "shell": "doscmd touch {folder}/shell",
    "editor": "set editor=touch\nfileedit {folder}/edited",
    "distribute": "distribute kw=5 how=uniform file={folder}/distributed",
    "intervals": "set demandinterval=yes casename=case mode=daily number=2\nnew energymeter.m element=line.l1\nsolve\nclosedi",
}

OPENED = re.compile(
    r'(?:open|openat|creat)\((?:\w+, )?"([^"]*)", ([A-Z_|0-9]+).*\) = (-?\d+)'
)
CHANGED = re.compile(
    r"\b(?:mkdir|mkdirat|unlink|unlinkat|rename\w*|link\w*|symlink\w*|truncate|chmod|fchmodat)\(.*\) = 0$"
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real library; where there is no compiler, a copy of one that the system has."""
    folder = tmp_path_factory.mktemp("library")
    built, source = folder / "evil.so", folder / "lib.c"
    if shutil.which("gcc") is None:
        import _ctypes

        shutil.copy(_ctypes.__file__, built)
        return built
    source.write_text(MARKING.replace("FOLDER", str(folder)))
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", built, source], check=True)
    return built


def traced(tmp_path: Path, library: Path, mode: str) -> tuple[list[str], list[str]]:
    """Run all attacks under strace; the lines that the reading processes caused, and what was printed."""
    folder = tmp_path / "feeder"
    folder.mkdir()
    victim = folder / "victim.txt"
    victim.write_text("precious\n")
    names = []
    for name, attack in ATTACKS.items():
        path = folder / f"{name}.dss"
        path.write_text(
            HEAD + attack.format(lib=library, folder=folder, victim=victim) + "\n"
        )
        names.append(str(path))
    before = snapshot(tmp_path)
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
    }
    command = [sys.executable, "-B", "-c", SCRIPT, mode, *names]
    trace = tmp_path / "trace.txt"
    done = subprocess.run(
        [
            "strace",
            "-f",
            "-e",
            "trace=%file,mmap,execve,socket,prctl",
            "-o",
            trace,
            *command,
        ],
        capture_output=True,
        text=True,
        env=env,
        cwd=folder,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    lines = trace.read_text().splitlines()
    trace.unlink()
    assert snapshot(tmp_path) == before
    assert not (library.parent / "loaded").exists()
    return of_readers(lines), done.stdout.splitlines()


def snapshot(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def of_readers(lines: list[str]) -> list[str]:
    """Lines of the processes that gave up their rights, from there on."""
    sealed, kept = set(), []
    for line in lines:
        process = line.split()[0]
        if "PR_SET_SECCOMP" in line:
            sealed.add(process)
        elif process in sealed:
            kept.append(line)
    assert len(sealed) == len(ATTACKS)
    return kept


@pytest.mark.parametrize("mode", ["filtered", "unfiltered"])
def test_nothing_is_opened_for_writing_and_nothing_is_run(
    tmp_path: Path, library: Path, mode: str
):
    lines, _ = traced(tmp_path, library, mode)
    opened = [match.groups() for match in map(OPENED.search, lines) if match]
    assert opened
    written = [
        path
        for path, flags, result in opened
        if int(result) >= 0 and re.search("O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", flags)
    ]
    assert written == []
    assert [line for line in lines if CHANGED.search(line)] == []
    assert [
        line
        for line in lines
        if re.search(r"(execve|socket)\(", line) and "= -1" not in line
    ] == []
    assert [line for line in lines if "PROT_EXEC" in line and "= -1" not in line] == []


def test_with_the_look_at_words_the_library_is_not_even_opened(
    tmp_path: Path, library: Path
):
    lines, printed = traced(tmp_path, library, "filtered")
    assert [line for line in lines if str(library) in line] == []
    # of the others the words that would write are left out
    assert sum("has 1 problem" in text for text in printed) == 8
    assert sum(text == "read" for text in printed) == len(ATTACKS) - 8


def test_without_it_the_library_is_opened_and_not_loaded(tmp_path: Path, library: Path):
    lines, _ = traced(tmp_path, library, "unfiltered")
    assert [line for line in lines if str(library) in line and "O_RDONLY" in line]
    assert [line for line in lines if "PROT_EXEC" in line and "EPERM" in line]
    assert [
        line
        for line in lines
        if "O_CREAT" in line and ("EPERM" in line or "EACCES" in line)
    ]
