"""What is believed of a day at each of its steps: the present as it is, what comes as it is or as it is forecast.

A forecast errs, and who plans for it alone is caught out half of the time. A chance constraint plans for the surplus that is
passed with an accepted risk only: in every step ahead the sun at its upper quantile and all loads at their lower one, by the law
of the forecast's errors. Voltages rise with the surplus, so that what keeps them then keeps them in each step with that
probability. Taking sun and loads at their quantiles together errs on the safe side.

Source of the form: A. Charnes, W. W. Cooper, Chance-constrained programming, Management Science 6, 1959,
doi:10.1287/mnsc.6.1.73: a chance constraint on one uncertain quantity is a plain constraint at its quantile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tieline.profiles.config import ForecastConfig
from tieline.profiles.forecast_quantiles import actual_per_forecast
from tieline.profiles.forecasting import Forecasts, forecast
from tieline.profiles.scenarios import Scenarios
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.days import Day


@dataclass(frozen=True, eq=False)
class Foresight:
    """What is believed of a day, or of the rest of it from step `first` on.

    `forecasts`, of the whole day, are None where all is known ahead.
    """

    day: Day
    forecasts: Forecasts | None
    first: int = 0

    @property
    def is_perfect(self) -> bool:
        """Whether all is known ahead."""
        return self.forecasts is None

    def after(self, step: int) -> Foresight:
        """What is believed of the rest of the day at later steps; `step` becomes the first."""
        return Foresight(self._from(step), self.forecasts, self.first + step)

    def at(self, step: int) -> Day:
        """The rest of the day as believed at a step, which comes first and is known."""
        actual = self._from(step)
        if self.forecasts is None:
            return actual
        view = self.forecasts.at(self.first + step)
        load_share = view.load_pu[0]
        return Day(
            times=actual.times,
            hours=actual.hours,
            price=view.price_per_mwh[0] / 1000,
            sun_pu=np.minimum(view.sun_pu[0], 1.0),
            load_kw=actual.load_kw * load_share,
            load_kvar=actual.load_kvar * load_share,
        )

    def as_believed(self, steps: int) -> Foresight:
        """The next steps, if they come as they are believed at the first of them."""
        believed = self.at(0).only(np.arange(steps))
        return Foresight(believed, None, self.first)

    def at_risk(self, steps: int, risk: float) -> Foresight:
        """The next steps, if more surplus comes than is passed with a risk, 0 to 1; a known day is as it is."""
        believed = self.as_believed(steps)
        if self.forecasts is None:
            return believed
        planned = day_at_risk(believed.day, self.forecasts.config, risk)
        return replace(believed, day=planned)

    def _from(self, step: int) -> Day:
        return self.day.only(np.arange(step, self.day.n_steps))


def day_at_risk(day: Day, errors: ForecastConfig, risk: float) -> Day:
    """A forecast from its first step on, with the surplus that is passed with a risk, 0 to 1, if it errs like this."""
    sun_ratio = actual_per_forecast(
        errors, errors.sun_spread, day.n_steps, day.hours, 1 - risk
    )
    load_ratio = actual_per_forecast(
        errors, errors.load_spread, day.n_steps, day.hours, risk
    )
    return replace(
        day,
        # the rating is never passed, however wrong the forecast
        sun_pu=np.minimum(day.sun_pu * sun_ratio, 1.0),
        load_kw=day.load_kw * load_ratio[:, None],
        load_kvar=day.load_kvar * load_ratio[:, None],
    )


def foresee(day: Day, config: BatteryConfig, number: int) -> Foresight:
    """Beliefs about a day, as configured; their errors depend on the seed and the day's number."""
    if config.forecast == "perfect":
        return Foresight(day, None)
    scenario = Scenarios(
        times=day.times,
        # a forecast is told as a share of what comes true
        load_pu=np.ones((1, *day.load_kw.shape)),
        sun_pu=day.sun_pu[None],
        price_per_mwh=1000 * day.price[None],
    )
    to_the_end = config.forecasts.model_copy(update={"horizon_steps": day.n_steps})
    return Foresight(day, forecast(scenario, to_the_end, config.seed, first=number))
