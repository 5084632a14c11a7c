"""Keys of a service on the command line: shown once, expiring, revoked, and no service made by a slip."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tieline.cli.main import main
from tieline.service.settings import ServiceSettings
from tieline.service.store import Store, open_store, people
from tieline.service.store.people import Person


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of a service that was started before."""
    folder = tmp_path / "service"
    folder.mkdir()
    opened(folder).close()
    return folder


def opened(home: Path) -> Store:
    return open_store(ServiceSettings(home=str(home)).database_url)


def whose(home: Path, key: str, days_from_now: float = 0.0) -> Person | None:
    store = opened(home)
    moment = store.now() + timedelta(days=days_from_now)
    with store.read() as connection:
        person = people.who(connection, key, moment)
    store.close()
    return person


def test_a_key_is_made_listed_and_revoked(
    home: Path, capsys: pytest.CaptureFixture[str]
):
    place = ["--home", str(home)]
    assert main(["keys", "add", "ann", *place]) == 0
    key = capsys.readouterr().out.strip()
    assert whose(home, key) == Person("ann", "participant")
    assert main(["keys", "add", "ann", "--days", "2", *place]) == 0
    second = capsys.readouterr().out.strip()
    assert whose(home, second, 1.0) == Person("ann", "participant")
    assert whose(home, second, 3.0) is None
    assert main(["keys", "list", *place]) == 0
    table = capsys.readouterr().out
    assert table.count("ann") == 2
    assert key not in table
    assert main(["keys", "revoke", "ann", *place]) == 0
    assert capsys.readouterr().out == "2 keys of 'ann' revoked.\n"
    assert whose(home, key) is None


def test_slips_are_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    place = ["--home", str(home)]
    assert main(["keys", "add", "ann", *place]) == 0
    slips = {
        "is there as participant": ["add", "ann", "--role", "operator", *place],
        "--days must be above 0": ["add", "bob", "--days", "-1", *place],
        "There is no service": ["list", "--home", str(tmp_path / "typo")],
        "Did you mean 'ann'?": ["revoke", "anna", *place],
        "cannot be a participant's name": ["add", "ann smith", *place],
        "--role": ["add", "bob", "--role", "boss", *place],
    }
    for text, words in slips.items():
        assert main(["keys", *words]) == 2
        assert text in capsys.readouterr().err
    assert not (tmp_path / "typo").exists()
