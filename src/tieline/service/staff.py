"""`staff`: everybody who works for a service beside its web server.

workers of runs            as many as are asked for
a worker of markets        of its own: a run that takes hours must not keep a gate waiting
the keeper of the log      a thread of this process: it brings the log of a SQLite file into the file
the timekeeper             a thread of this process: it closes gates and lets deadlines fall even where no worker lives
players                    where the participants of a market are played
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tieline.service.jobs.crew import Crew
from tieline.service.jobs.kinds import KINDS, OF_MARKETS
from tieline.service.market.definition import Definition
from tieline.service.market.timekeeper import Timekeeper
from tieline.service.settings import ServiceSettings
from tieline.service.store import Store, markets
from tieline.service.store.log_keeper import LogKeeper

PLAYERS = (sys.executable, "-m", "tieline.service.market.simulate")
"""What starts the players of a market, whose name is put behind it."""


@contextmanager
def staff(
    settings: ServiceSettings, store: Store, market: Definition | None
) -> Iterator[None]:
    """Start all of them, and end them again.

    Args:
        settings: of the service.
        store: its database.
        market: the one that was asked for at this start.
    """
    address = settings.database_url
    of_runs = [name for name in KINDS if name not in OF_MARKETS]
    with store.read() as c:
        has_market = bool(markets.names(c))
    with ExitStack() as stack:
        stack.enter_context(LogKeeper(store))
        stack.enter_context(Crew(address, of_runs, settings.workers))
        if has_market:
            stack.enter_context(Timekeeper(store))
            # without workers here, `tieline worker` elsewhere clears
            count = min(settings.workers, 1)
            stack.enter_context(Crew(address, OF_MARKETS, count))
        is_played = settings.demo or settings.simulate is not None
        if market is not None and is_played:
            stack.enter_context(Crew(address, [market.name], 1, PLAYERS))
        yield
