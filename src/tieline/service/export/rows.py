"""What is exported: set-points of devices and prices of buses, each over one interval of a market."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Span:
    """An interval of a market and the revision of its clearing that is published; times know their zone."""

    market: str
    starts_at: datetime
    ends_at: datetime
    revision: int

    @property
    def length(self) -> timedelta:
        """From its start to its end."""
        return self.ends_at - self.starts_at

    def identity(self, about: str) -> str:
        """Hexadecimal digest of a thing in this interval and revision; another revision is another thing."""
        start = self.starts_at.timestamp()
        text = "\n".join([self.market, repr(start), str(self.revision), about])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class SetPoint:
    """What a device is told over an interval: it takes `p_charge_kw` or gives `p_discharge_kw`, both >= 0; it gives `q_kvar`."""

    span: Span
    device: str
    p_charge_kw: float
    p_discharge_kw: float
    q_kvar: float = 0.0


@dataclass(frozen=True)
class BusPrice:
    """The price of a kilowatt-hour at a bus over an interval, for who takes it and who gives it alike."""

    span: Span
    bus: str
    price_per_kwh: float
    currency: str
