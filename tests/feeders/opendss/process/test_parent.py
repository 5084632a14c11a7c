"""The engine's process: what goes wrong in it is one message, and nothing of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tieline.cli.main import main
from tieline.errors import InputError
from tieline.feeders.opendss import read_opendss
from tieline.feeders.opendss.process import parent

FEEDER = """clear
new circuit.c basekv=12.47 pu=1.0 bus1=src
new line.l1 bus1=src bus2=b1 length=1 units=km r1=0.1 x1=0.2 r0=0.3 x0=0.6 c1=0 c0=0 normamps=400
new load.a bus1=b1 kv=12.47 kw=100 kvar=20
{lines}
set voltagebases=[12.47]
calcvoltagebases
"""

ENDLESS = "batchedit load.(aa|a)+(aa|a)+(aa|a)+b kw=1"
"""A pattern that the engine's search tries in more ways than there is time for, on a long name of nothing but a."""


@pytest.fixture
def master(tmp_path: Path) -> Path:
    """A small feeder."""
    return write(tmp_path, "")


@pytest.fixture
def few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short limit of time; the process is started before it counts."""
    monkeypatch.setenv(parent.TIME_LIMIT_VARIABLE, "3")


@pytest.fixture
def one_file_each(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on systems without a fork: a process serves one file."""
    monkeypatch.setattr(parent, "SERVES_MANY", False)
    yield
    parent._forget()


def write(folder: Path, lines: str) -> Path:
    path = folder / "master.dss"
    path.write_text(FEEDER.format(lines=lines))
    return path


def endless(folder: Path) -> Path:
    return write(folder, f"new load.{'a' * 60} bus1=b1 kv=12.47 kw=1\n{ENDLESS}")


def run_python(code: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a script in a Python of its own that finds this package."""
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
    }
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=env,
        timeout=120,
        **options,  # type: ignore[call-overload]
    )


def test_one_process_answers_for_many_files(tmp_path: Path, master: Path):
    first = read_opendss(master)
    process = parent._process
    assert read_opendss(master) == first
    assert read_opendss(write(tmp_path, "edit load.a kw=7")).peak_load_kw == 7.0
    with pytest.raises(InputError):
        read_opendss(write(tmp_path, "edit load.a nonsense=7"))
    assert parent._process is process


@pytest.mark.usefixtures("one_file_each")
def test_without_a_fork_a_crash_and_an_endless_file_end_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(InputError, match=r"crashed in '.*' \(SIG\w+\)"):
        read_opendss(write(tmp_path, "new linecode.c nphases=30000"))
    monkeypatch.setenv(parent.TIME_LIMIT_VARIABLE, "5")
    with pytest.raises(InputError, match=r"did not finish .* within 5 seconds"):
        read_opendss(endless(tmp_path))


@pytest.mark.usefixtures("one_file_each")
def test_without_a_fork_each_file_has_a_process(tmp_path: Path, master: Path):
    assert read_opendss(master).peak_load_kw == 100.0
    assert parent._process is None
    assert read_opendss(write(tmp_path, "edit load.a kw=7")).peak_load_kw == 7.0


def test_an_endless_file_ends_with_a_message(
    tmp_path: Path, master: Path, few_seconds: None
):
    read_opendss(master)
    path = endless(tmp_path)
    began = time.monotonic()
    with pytest.raises(
        InputError,
        match=r"did not finish .*, at line 6 of master.dss within 3 seconds.*TIELINE_OPENDSS_SECONDS",
    ):
        read_opendss(path)
    assert time.monotonic() - began < 30
    assert read_opendss(write(tmp_path, "")).peak_load_kw == 100.0


@pytest.mark.parametrize("value", ["none", "0", "-1", "nan", "1e300"])
def test_a_limit_of_time_that_is_none(
    master: Path, monkeypatch: pytest.MonkeyPatch, value: str
):
    monkeypatch.setenv(parent.TIME_LIMIT_VARIABLE, value)
    with pytest.raises(InputError, match="number of seconds above zero"):
        read_opendss(master)


CRASHES = (
    "new linecode.c nphases=30000",
    "new loadshape.s npts=5 interval=1 memorymapping=yes mult=(file=empty.csv)",
)


@pytest.mark.parametrize("line", CRASHES)
def test_a_crash_of_the_engine_names_the_line(tmp_path: Path, line: str):
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(
        InputError,
        match=r"crashed in '.*master.dss', at line 5 of master.dss \(SIG\w+\)",
    ):
        read_opendss(write(tmp_path, line))
    assert read_opendss(write(tmp_path, "")).peak_load_kw == 100.0


@pytest.mark.skipif(
    sys.platform != "linux", reason="the memory of a process is bounded on Linux"
)
def test_a_file_that_wants_more_memory_than_there_is(tmp_path: Path):
    with pytest.raises(InputError) as caught:
        read_opendss(
            write(
                tmp_path,
                "new loadshape.s npts=2000000000 interval=1 mult=(1 2)\nedit load.a daily=s",
            )
        )
    assert "\n" not in str(caught.value)


def test_a_process_that_is_killed_is_one_message_and_started_anew(
    tmp_path: Path, master: Path
):
    read_opendss(master)
    path, caught = endless(tmp_path), []

    def read() -> None:
        try:
            read_opendss(path)
        except InputError as error:
            caught.append(str(error))

    thread = threading.Thread(target=read)
    thread.start()
    time.sleep(0.5)
    assert parent._process is not None
    parent._end(parent._process)
    thread.join(30)
    assert len(caught) == 1
    assert "SIGKILL" in caught[0] or "memory runs out" in caught[0]
    assert read_opendss(write(tmp_path, "")).peak_load_kw == 100.0


def test_a_process_that_cannot_start_is_one_message(
    master: Path, monkeypatch: pytest.MonkeyPatch
):
    parent._forget()
    monkeypatch.setattr(parent, "START", "raise SystemExit(7)")
    with pytest.raises(InputError, match=r"ended before it could read .*exit code 7"):
        read_opendss(master)


def test_without_the_engine_the_message_says_what_to_install(
    master: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    parent._forget()
    broken = tmp_path / "modules"
    broken.mkdir()
    (broken / "opendssdirect.py").write_text("raise ImportError('not here')")
    monkeypatch.setattr(
        parent,
        "_module_path",
        lambda: [str(broken), parent.PACKAGE_ROOT, *filter(os.path.isabs, sys.path)],
    )
    with pytest.raises(InputError, match=r"not here.*pip install .*opendssdirect\.py"):
        read_opendss(master)
    parent._forget()


@pytest.mark.parametrize(
    "name", ["gone.dss", "x" * 5000 + ".dss", "a\0b.dss", "loop.dss", "."]
)
def test_a_path_that_leads_to_no_file(tmp_path: Path, name: str):
    (tmp_path / "loop.dss").symlink_to(tmp_path / "loop.dss")
    with pytest.raises(InputError):
        read_opendss(tmp_path / name)


def test_threads_wait_for_one_another(tmp_path: Path):
    powers: dict[int, float] = {}

    def read(k: int) -> None:
        folder = tmp_path / str(k)
        folder.mkdir()
        powers[k] = read_opendss(write(folder, f"edit load.a kw={k}")).peak_load_kw

    threads = [threading.Thread(target=read, args=(k,)) for k in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert powers == {k: float(k) for k in range(1, 9)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_of_the_caller_has_a_process_of_its_own(master: Path):
    code = f"""
import os
from tieline.feeders.opendss import read_opendss
read_opendss({str(master)!r})
copy = os.fork()
read_opendss({str(master)!r})
if copy:
    _, status = os.waitpid(copy, 0)
    print("both", status, read_opendss({str(master)!r}).peak_load_kw)
"""
    assert run_python(code).stdout == "both 0 100.0\n"


@pytest.mark.skipif(
    sys.platform != "linux",
    reason="a deleted folder can be the working directory on Linux only",
)
def test_a_working_directory_that_is_gone(tmp_path: Path, master: Path):
    code = f"""
import os
from tieline.errors import InputError
from tieline.feeders.opendss import read_opendss
os.mkdir({str(tmp_path / "gone")!r}); os.chdir({str(tmp_path / "gone")!r}); os.rmdir({str(tmp_path / "gone")!r})
print(read_opendss({str(master)!r}).peak_load_kw)
try:
    read_opendss("master.dss")
except InputError as error:
    print(error)
"""
    lines = run_python(code).stdout.splitlines()
    assert lines[0] == "100.0"
    assert "Give its whole path" in lines[1]


def test_with_closed_streams_and_no_home(master: Path):
    code = f"""
import os
os.environ["HOME"] = "/nonexistent"
out = os.dup(1)
for k in (0, 1, 2): os.close(k)
from tieline.feeders.opendss import read_opendss
os.write(out, str(read_opendss({str(master)!r}).peak_load_kw).encode())
"""
    assert run_python(code).stdout == "100.0"


def test_nothing_that_the_engine_prints_reaches_the_screen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    with pytest.raises(InputError):
        parent.read_in_process(
            write(tmp_path, "help\nabout\nsummary\nshow losses\nnonsense"),
            unfiltered=True,
        )
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_ends_the_reading_and_leaves_no_process(tmp_path: Path):
    path = endless(tmp_path)
    code = f"""
import signal, subprocess
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started the tests may have told them to ignore it
from tieline.feeders.opendss import read_opendss
from tieline.feeders.opendss.process import parent
start = parent._started
def started():
    process = start()
    print(process.pid, flush=True)
    return process
parent._started = started
read_opendss({str(path)!r})
"""
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
    }
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
    ) as caller:
        assert caller.stdout is not None
        reader = int(caller.stdout.readline())
        time.sleep(2.0)
        caller.send_signal(signal.SIGINT)
        _, errors = caller.communicate(timeout=30)
    assert b"KeyboardInterrupt" in errors
    assert is_gone(reader)


@pytest.mark.skipif(sys.platform != "linux", reason="the copy is ended on Linux")
def test_a_caller_that_is_killed_leaves_no_process(tmp_path: Path):
    path = endless(tmp_path)
    code = f"""
from tieline.feeders.opendss.process import parent
print(parent._running().pid, flush=True)
parent.read_in_process(__import__("pathlib").Path({str(path)!r}))
"""
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
    }
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env=env
    ) as caller:
        assert caller.stdout is not None
        reader = int(caller.stdout.readline())
        time.sleep(2.0)
        caller.kill()
        caller.wait()
    assert is_gone(reader)


def is_gone(leader: int) -> bool:
    """Whether a process and all of its group end within some seconds."""
    for _ in range(100):
        try:
            os.killpg(leader, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(
    "lines",
    [
        "edit load.a kw=nan",
        "edit load.a kw=1e400",
        "new load.b kv=12 bus1=b1 kw=1 pf=0",
        "edit load.a kv=nan",
    ],
)
def test_numbers_that_are_none_name_the_element(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: str
):
    assert main(["feeders", "show", str(write(tmp_path, lines))]) == 2
    out, errors = capsys.readouterr()
    assert out == ""
    assert "[OPENDSS.NOT_FINITE] " + lines.split()[1].replace(".", " ") in errors
    # once in the finding, and once in the line that says where it is explained
    assert errors.count("[OPENDSS.NOT_FINITE]") == 2
    assert errors.count("[") == 2


def test_a_trace_can_be_read_again_and_leaves_nothing(tmp_path: Path):
    unit = "new transformer.r buses=[b1 b2] kvs=[12.47 12.47] kvas=[500 500]\n"
    path = write(
        tmp_path,
        unit
        + "new regcontrol.r transformer=r winding=2 vreg=122 ptratio=60 debugtrace=yes",
    )
    assert read_opendss(path) == read_opendss(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["master.dss"]
