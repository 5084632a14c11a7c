"""The README tells the truth: its folder map is the tree, its example prints what it says, its commands and options exist."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TIELINE = "import sys; from tieline.cli.main import main; sys.exit(main())"


def folder_map(text: str) -> dict[str, str]:
    """Folder -> its sentence, from the table rows that begin with a folder name like `feeders/`."""
    return dict(re.findall(r"^\| `(\w+)/` \| (.*?) \|$", text, re.M))


def code_blocks(text: str, language: str) -> list[str]:
    """Content of each fenced block of that language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def examples(text: str) -> list[tuple[str, str]]:
    """Python blocks, each with the text block that follows it: what it prints."""
    return re.findall(
        r"^```python\n(.*?)^```\n+^```text\n(.*?)^```$", text, re.M | re.S
    )


def named_commands(text: str, program: str) -> list[str]:
    """Every `program ...` of a code block's line or of an inline code span, once, without its comment."""
    lines = [
        line
        for block in code_blocks(text, "(?:bash|console|sh)")
        for line in block.splitlines()
    ]
    spans = re.findall(
        r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    )
    stripped = [
        part.split(" #")[0].strip().removeprefix("$ ") for part in [*lines, *spans]
    ]
    return sorted({part for part in stripped if part.startswith(f"{program} ")})


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run from the root of the checkout, as a reader of the README does, in a wide terminal without colours."""
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )


def test_folder_map_is_the_tree():
    folders = {
        path.name
        for path in (ROOT / "src" / "tieline").iterdir()
        if path.is_dir() and path.name != "__pycache__"
    }
    assert set(folder_map(README)) == folders


@pytest.mark.parametrize(("folder", "sentence"), folder_map(README).items())
def test_folder_has_one_sentence(folder: str, sentence: str):
    assert re.fullmatch(r"[A-Z].*\.", sentence), (
        f"{folder}: begin with a capital, end in a full stop"
    )
    assert ". " not in sentence, f"{folder}: one sentence"


def test_example_prints_what_the_readme_shows():
    assert len(examples(README)) >= 1, "no python block followed by a text block"
    for code, shown in examples(README):
        done = run(sys.executable, "-c", code)
        assert done.returncode == 0, done.stderr
        assert done.stdout == shown


def test_example_has_fifteen_lines():
    lengths = [len(code.splitlines()) for code, _ in examples(README)]
    assert lengths
    assert max(lengths) <= 15


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("command", named_commands(README, "make"))
def test_make_target_exists(command: str):
    done = run("make", "--dry-run", *command.split()[1:])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", named_commands(README, "tieline"))
def test_command_and_its_options_exist(command: str):
    words = command.split()[1:]
    place = next(
        (k for k, word in enumerate(words) if word.startswith("-")), len(words)
    )
    done = run(sys.executable, "-c", TIELINE, *words[:place], "--help")
    assert done.returncode == 0, done.stdout + done.stderr
    for option in {
        word.partition("=")[0] for word in words[place:] if word.startswith("--")
    } - {"--help"}:
        assert re.search(rf"(?<![\w-]){option}\b", done.stdout), (
            f"no option {option}:\n{done.stdout}"
        )


def test_the_two_commands_stand_first():
    """A newcomer meets `make demo` and `make test` before any other command."""
    first = code_blocks(README, "(?:bash|console|sh)")[0]
    assert [
        command.split()[1] for command in re.findall(r"^make \w+", first, re.M)
    ] == [
        "demo",
        "test",
    ]


def test_named_commands_of_a_small_text():
    text = "Say `tieline run x --out runs`, not `tie`.\n```bash\ntieline solve y   # print\nmake demo\n```\n"
    assert named_commands(text, "tieline") == [
        "tieline run x --out runs",
        "tieline solve y",
    ]
    assert named_commands(text, "make") == ["make demo"]
