"""`serve`: the web process of the service with its workers, from start to a clean stop.

    database -> workers start to compile -> web server listens -> SIGTERM or Ctrl-C -> streams end, open requests are answered,
    workers give their jobs back -> what waits is committed

No study runs in this process. Its first start makes an operator, whose key is shown once.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import sqlalchemy as sa
import uvicorn

from tieline.errors import InputError
from tieline.service.app import make_app
from tieline.service.collector import set_aside_loaded
from tieline.service.market.definition import Definition
from tieline.service.market.set_up import set_up_market, wanted_market
from tieline.service.settings import ServiceSettings
from tieline.service.staff import staff
from tieline.service.store import Store, open_store, people
from tieline.service.web.service import make_service

GRACE_S = 5
"""Seconds in which open requests may be answered before they are cut."""

SWITCH_S = 0.001
"""How long a thread that draws a page may go on while the thread of a bid waits: a bid changes threads three times, and Python's
own 5 ms would be most of the 20 ms that it may take."""

OPERATOR = "operator"
"""Name of the operator that the first start makes."""

UNPROTECTED = (
    "tieline: warning: listening at {host}, which other machines reach, without TLS: keys and bids can be read on the way. Put a "
    "proxy with TLS in front of it, or leave --host out."
)


def serve(settings: ServiceSettings) -> None:
    """Serve until the process is asked to stop.

    Raises:
        InputError: if a folder cannot be used, or the address is taken.
        StoreError: if the database cannot be used.
    """
    _require_folders(settings)
    if not settings.is_loopback:
        _say(UNPROTECTED.format(host=settings.host))
    # before anything is started: an address that is taken is the commonest mistake
    with _listener(settings) as listener, _opened(settings) as store:
        _welcome(store)
        market = _set_up_market(settings, store)
        with _own_stop_signals(), staff(settings, store, market):
            _answer(settings, store, listener)
    _say("tieline: stopped; what was acknowledged is on disk.")


def _listener(settings: ServiceSettings) -> socket.socket:
    """A socket at the address, which nobody else has."""
    address = (settings.host, settings.port)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server(address, family=family)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise InputError(
            f"Cannot listen at {settings.host}, port {settings.port} ({reason}). Choose another with --port or --host."
        ) from None


@contextmanager
def _opened(settings: ServiceSettings) -> Iterator[Store]:
    """The database, which is closed in the end: what waits is committed first."""
    store = open_store(settings.database_url)
    try:
        yield store
    finally:
        store.close()


def _require_folders(settings: ServiceSettings) -> None:
    """Make the folder of the service, which only its owner may read, and refuse a folder of files that is not there."""
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = settings.files_folder
    if files is not None and not files.is_dir():
        raise InputError(
            f"'{settings.files}' is no folder. Give one with feeders and tables with --files, or leave it out."
        )


def _welcome(store: Store) -> None:
    """Make the first operator where there is nobody yet, and show its key: it is kept nowhere."""
    key = store.write(lambda c: _first_key(store, c))
    if key is not None:
        _say(f"tieline: key of '{OPERATOR}', shown this once: {key}")


def _first_key(store: Store, connection: sa.Connection) -> str | None:
    if people.everyone(connection):
        return None
    return people.add_participant(connection, OPERATOR, "operator", store.now())


def _set_up_market(settings: ServiceSettings, store: Store) -> Definition | None:
    """The market that is asked for, kept in the database; None if none is."""
    choice = wanted_market(
        settings.market, is_demo=settings.demo, speed=settings.simulate
    )
    if choice is None:
        return None
    definition, speed = choice
    market, new_keys = store.write(
        lambda c: set_up_market(c, definition, speed, store.now())
    )
    if speed is not None:
        # nobody bids by hand for a participant that is played
        return market
    for participant, key in new_keys:
        _say(f"tieline: key of '{participant}', shown this once: {key}")
    return market


def _answer(settings: ServiceSettings, store: Store, listener: socket.socket) -> None:
    """Answer requests until the server is asked to stop."""
    service = make_service(settings, store)
    config = uvicorn.Config(
        make_app(service),
        log_level="warning",
        timeout_graceful_shutdown=GRACE_S,
        # which server answers is nobody's business
        server_header=False,
    )
    server = uvicorn.Server(config)
    service.is_stopping = lambda: server.should_exit
    sys.setswitchinterval(SWITCH_S)
    host, port = listener.getsockname()[:2]
    shown_host = f"[{host}]" if ":" in host else host
    _say(f"tieline: serving at http://{shown_host}:{port} (Ctrl-C stops)")
    set_aside_loaded()
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


@contextmanager
def _own_stop_signals() -> Iterator[None]:
    """SIGTERM as KeyboardInterrupt: the server sends its signal on once it has stopped, and that must not end the process before
    its workers have given back their jobs.
    """
    earlier = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, earlier)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
