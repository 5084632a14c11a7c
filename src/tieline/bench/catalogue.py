"""The benchmarks there are: for each its name, its question, its page's heading and what it needs.

A benchmark is a folder and an entry here. The folder holds three files:

    options.py   `Options`, a model whose fields become flags
    measure.py   `measure(options, tell)`, which returns a dataclass with `to_json()`
    page.py      `summary(measurement)` for the screen, `page(measurement)` for the docs

The command line, `--out`, `--page`, the screen's tables, and the head of the page are made from these. Nothing heavy is imported
here; the parts of a benchmark are loaded when asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tieline.bench.kit.options import BenchOptions
from tieline.errors import MissingExtraError

if TYPE_CHECKING:
    from tieline.bench.kit.markdown import Page, Summary

Tell = Callable[[str], None]
"""Is told what is measured now."""


@dataclass(frozen=True)
class Bench:
    """One benchmark.

    Attributes:
        name: as it is typed.
        question: what it measures, in a sentence.
        package: its folder, see above.
        heading: of its page.
        packages: whose versions its page names beside tieline's.
        needs: extra by package without which nothing can be measured; peers are no need, they are left out.
        page_adds: what only the page shows, done after the screen's tables by `measure.complete(measurement, options, tell)`.
        figures: names of the figures on its page.
    """

    name: str
    question: str
    package: str
    heading: str
    packages: tuple[str, ...] = ()
    needs: Mapping[str, str] = field(default_factory=dict)
    page_adds: str = ""
    figures: tuple[str, ...] = ()

    @property
    def options_model(self) -> type[BenchOptions]:
        """The class of its options."""
        # loaded only now, as all that follows: help names the benchmarks without a numerical library
        return import_module(f"{self.package}.options").Options

    def require_packages(self) -> None:
        """Raise `MissingExtraError` for the first package that it cannot do without and that is not installed."""
        for package, extra in self.needs.items():
            if find_spec(package) is None:
                raise MissingExtraError(package, extra, f"Benchmark '{self.name}'")

    def measure(self, options: BenchOptions, tell: Tell) -> Any:
        """Measure what the screen shows.

        Args:
            options: of its own model.
            tell: is told what is measured now.
        """
        return import_module(f"{self.package}.measure").measure(options, tell)

    def complete(self, measurement: Any, options: BenchOptions, tell: Tell) -> Any:
        """The measurement with what only the page shows."""
        if not self.page_adds:
            return measurement
        return import_module(f"{self.package}.measure").complete(
            measurement, options, tell
        )

    def summary(self, measurement: Any) -> Summary:
        """What the screen says of a measurement."""
        return import_module(f"{self.package}.page").summary(measurement)

    def page(self, measurement: Any) -> Page:
        """What the page says of a complete measurement, without its head."""
        return import_module(f"{self.package}.page").page(measurement)

    def command(self, options: BenchOptions, page_file: str = "") -> str:
        """What a reader types to measure the same.

        Args:
            options: of its own model.
            page_file: name of the page's file as it is shown; empty if none is written.
        """
        words = ["tieline bench", self.name, *options.words()]
        if page_file:
            words.append(f"--page {page_file}")
        return " ".join(words)


BENCHES = {
    bench.name: bench
    for bench in (
        Bench(
            "powerflow",
            "Power flows per second of tieline, power-grid-model, lightsim2grid, pandapower and OpenDSS on the same random "
            "loads.",
            "tieline.bench.powerflow",
            "Power flow: speed",
            packages=(
                "numpy",
                "numba",
                "power-grid-model",
                "lightsim2grid",
                "pandapower",
                "opendssdirect.py",
            ),
            figures=(
                "roofline",
                "growth-nodes",
                "growth-batch",
                "growth-threads",
                "growth-ders",
            ),
        ),
        Bench(
            "hosting-capacity",
            "Wall time of hosting-capacity studies, and how often their 95 % interval holds; with --page also their answers.",
            "tieline.bench.hosting_capacity",
            "Hosting capacity: published figures, three sizes of feeder, how sure, how long",
            packages=("numpy", "numba", "scipy"),
            page_adds="answers the published case and others too",
        ),
        Bench(
            "time-series",
            "A year of hours with load shapes and acting controls, beside OpenDSS: energies, taps, time.",
            "tieline.bench.time_series",
            "A year of hours: energies, taps and time beside OpenDSS",
            packages=("numpy", "numba", "opendssdirect.py"),
        ),
        Bench(
            "linear",
            "Error of the linear models (LPF, LinDistFlow, DC) against the AC power flow over a range of load and PV.",
            "tieline.bench.linear",
            "Linear models: error against AC",
            packages=("numpy", "numba"),
        ),
        Bench(
            "opf",
            "Solve times and objectives of LP, SOCP and NLP beside pandapower and DistOPF; sensitivities per second.",
            "tieline.bench.opf",
            "Optimal power flow: time and agreement",
            packages=(
                "numpy",
                "scipy",
                "numba",
                "clarabel",
                "casadi",
                "pandapower",
                "distopf",
            ),
            needs={"clarabel": "opf", "casadi": "opf"},
        ),
        Bench(
            "large-opf",
            "Time of the LP with 100 to 10 000 DERs: P only, boxes of P and Q, circles of kVA.",
            "tieline.bench.large_opf",
            "Optimal power flow: thousands of DERs",
            packages=("numpy", "scipy", "numba", "clarabel"),
            needs={"clarabel": "opf"},
        ),
        Bench(
            "envs",
            "Steps per second of the environments, beside gym-anm on the same voltage-control problem.",
            "tieline.bench.envs",
            "Environments: speed",
            packages=("numpy", "numba", "gymnasium", "gym-anm"),
        ),
        Bench(
            "rollouts",
            "Voltage control in one compiled loop of policy, physics and reward beside stepped episodes; also in PPO.",
            "tieline.bench.rollouts",
            "Compiled rollouts: where they pay",
            packages=("numpy", "numba", "jax", "optax"),
            needs={"jax": "learn", "optax": "learn"},
        ),
        Bench(
            "reserve",
            "The reserve study trained anew under several settings, beside rules and the optimum; takes minutes.",
            "tieline.bench.reserve",
            "Reserve: a learned policy beside rules and the optimum",
            packages=("numpy", "numba", "jax", "optax"),
            needs={"jax": "learn", "optax": "learn", "equinox": "learn"},
        ),
        Bench(
            "voltage-control",
            "Voltage control on held-out days: rules, learned agents and the proven optimum; takes a quarter of an hour.",
            "tieline.bench.voltage_control",
            "Voltage control: learned agents beside rules and the proven optimum",
            packages=(
                "numpy",
                "numba",
                "clarabel",
                "stable_baselines3",
                "torch",
                "jax",
            ),
            needs={"clarabel": "opf"},
        ),
        Bench(
            "learning",
            "Every task under one protocol: rules, MPC, learned agents of several seeds and the proven optimum; takes hours.",
            "tieline.bench.learning",
            "Learning, judged: rules, learned agents and the proven optimum on every task",
            packages=(
                "numpy",
                "numba",
                "clarabel",
                "stable_baselines3",
                "torch",
                "jax",
            ),
            needs={"clarabel": "opf"},
        ),
        Bench(
            "tree-search",
            "Tree search for assisting buses: episodes per second, candidates looked at, agreement with the exhaustive ranking.",
            "tieline.bench.tree_search",
            "Tree search: learned rankings beside the exhaustive ones",
            packages=("numpy", "numba"),
            page_adds="compares other settings of the search too",
        ),
        Bench(
            "battery",
            "Time of a day's cooperative battery control, and where it goes; with --page also what comes of it.",
            "tieline.bench.battery",
            "Cooperative battery control: what it keeps, what it costs, how long it takes",
            packages=("numpy", "numba", "clarabel", "highspy"),
            page_adds="plays the published case and others too",
        ),
        Bench(
            "market",
            "The balancing market: time of a minute, savings kept, choices on unseen games, growth; takes about an hour.",
            "tieline.bench.market",
            "Balancing market: what a minute takes and keeps, how good the choice is, how it grows",
            packages=("numpy", "numba", "highspy", "casadi", "jax"),
            needs={"highspy": "opf", "casadi": "opf"},
        ),
        Bench(
            "microgrids",
            "Networked microgrids: cost and broken limits on held-out days, published hours, consensus; takes twenty minutes.",
            "tieline.bench.microgrids",
            "Networked microgrids: how near the optimum, which limits break, how agents agree",
            packages=("numpy", "numba", "casadi"),
            needs={"casadi": "opf"},
        ),
        Bench(
            "feeders",
            "Feeder files of others: read or refused and why, difference to OpenDSS or pandapower, time.",
            "tieline.bench.feeders",
            "Feeder files of others: what is read, and how right",
            packages=("numpy", "numba", "pandapower", "opendssdirect.py"),
        ),
        Bench(
            "service",
            "The service when its processes are killed, and under load: is an accepted bid ever lost, how soon is it answered?",
            "tieline.bench.service",
            "Service: what survives a crash, and what it answers under load",
            packages=(
                "sqlalchemy",
                "alembic",
                "psycopg",
                "fastapi",
                "uvicorn",
                "uvloop",
            ),
            needs={"sqlalchemy": "serve", "alembic": "serve"},
        ),
        Bench(
            "restoration",
            "Load restoration in islands: all deciders on the same draws beside the bound, times, training; takes ten minutes.",
            "tieline.bench.restoration",
            "Load restoration: how near the bound, who sheds how much, how long it takes",
            packages=("numpy", "numba", "clarabel"),
            needs={"clarabel": "opf"},
        ),
    )
}
"""All benchmarks by name."""
