"""`tieline keys add | list | revoke`: who may use a service. A key is shown once; the database keeps a digest of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from tieline.cli.serve import require_service
from tieline.errors import InputError
from tieline.service.settings import HOME, ServiceSettings

if TYPE_CHECKING:
    import sqlalchemy as sa

    from tieline.service.store import Store
    from tieline.service.store.people import KeyRow

app = App(name="keys", help="Make, list and revoke the keys of a service.")

MOST_DAYS = 36_500
"""Days until a key expires: a century, within the years that a calendar has."""

ROLES_HELP = "participant: bids and asks; operator: sees all, sends measurements; reader: sees what is published."

Role = Literal["participant", "operator", "reader"]
Name = Annotated[str, Parameter(help="Participant, in whose name bids are placed.")]
Home = Annotated[str, Parameter(help="Folder of the service.")]
Database = Annotated[
    str | None,
    Parameter(help="URL of the database; the SQLite file in the folder if not given."),
]


@app.command
def add(
    name: Name,
    *,
    role: Annotated[Role, Parameter(help=ROLES_HELP)] = "participant",
    days: Annotated[
        float | None, Parameter(help="Days until it expires; never if not given.")
    ] = None,
    home: Home = HOME,
    database: Database = None,
) -> None:
    """Make a key and print it: for a new participant, or a further one for one that is there."""
    if days is not None and not 0 < days <= MOST_DAYS:
        raise InputError(f"--days must be above 0 and at most {MOST_DAYS}; got {days}.")
    _require_name(name)
    with _open(home, database) as store:
        key = store.write(lambda connection: _key(store, connection, name, role, days))
    print(key)


def _require_name(name: str) -> None:
    """Refuse a name that could not stand in the address of a bid."""
    from tieline.service.web.names import LONGEST_NAME, NAME

    if len(name) > LONGEST_NAME or not re.fullmatch(NAME, name):
        raise InputError(
            f"'{name}' cannot be a participant's name. Take letters, digits and . _ : - only, at most {LONGEST_NAME}."
        )


def _key(
    store: Store, connection: sa.Connection, name: str, role: Role, days: float | None
) -> str:
    """A new key; the role of a participant that is there stays as it is."""
    from tieline.service.store import people

    moment = store.now()
    expires_at = None
    if days is not None:
        expires_at = moment + timedelta(days=days)
    person = people.find(connection, name)
    if person is None:
        return people.add_participant(connection, name, role, moment, expires_at)
    if person.role != role:
        raise InputError(
            f"'{name}' is there as {person.role}. Give --role {person.role} for a further key, or another name."
        )
    return people.add_key(connection, name, moment, expires_at)


@app.command(name="list")
def list_keys(*, home: Home = HOME, database: Database = None) -> None:
    """List participants and the state of their keys; the keys themselves are kept nowhere."""
    from rich.table import Table

    from tieline.cli.screen import screen
    from tieline.service.store import people

    with _open(home, database) as store, store.read() as connection:
        rows = people.all_keys(connection)
    table = Table(title="Keys", title_justify="left")
    for column in ("participant", "role", "made", "expires", "revoked"):
        table.add_column(column)
    for row in rows:
        table.add_row(row.participant, row.role, *_dates(row))
    screen().print(table)


def _dates(row: KeyRow) -> list[str]:
    """When a key was made, expires and was revoked, in UTC."""
    moments = (row.added_at, row.expires_at, row.revoked_at)
    return ["" if moment is None else f"{moment:%Y-%m-%d %H:%M}" for moment in moments]


@app.command
def revoke(name: Name, *, home: Home = HOME, database: Database = None) -> None:
    """End all keys of a participant at once."""
    from tieline.counted import counted
    from tieline.service.store import people

    with _open(home, database) as store:
        count = store.write(lambda c: people.revoke_keys(c, name, store.now()))
    print(f"{counted(count, 'key')} of '{name}' revoked.")


@contextmanager
def _open(home: str, database: str | None) -> Iterator[Store]:
    """The database of a service, which may be running."""
    require_service()
    from tieline.service.store import open_store

    settings = ServiceSettings(home=home, database=database)
    if database is None and not settings.folder.is_dir():
        raise InputError(
            f"There is no service in '{home}'. Start one there with `tieline serve`, or name its folder with --home."
        )
    store = open_store(settings.database_url)
    try:
        yield store
    finally:
        store.close()
