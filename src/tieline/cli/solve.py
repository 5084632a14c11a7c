"""`tieline solve FEEDER`: one power flow, printed and, if told to, written with its report. With `--opf` an optimal one.

They are the short forms of `tieline run power-flow` and `tieline run optimal-power-flow`, whose flags they take; a run folder is
written only if told to. Without one, a power flow is printed before tables and figures could be loaded.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Group, Parameter

from tieline.cli.flags import config_flags, field_flags, heading_group
from tieline.cli.output_flags import OutputFlags, output_parameters
from tieline.errors import InputError
from tieline.settings.groups import OUTPUT
from tieline.studies.catalogue import find_study
from tieline.studies.config import make_config

if TYPE_CHECKING:
    from tieline.reports.remarks import Remark
    from tieline.studies.config import StudyConfig
    from tieline.studies.power_flow.config import PowerFlowConfig
    from tieline.studies.power_flow.flow import Flow

FEEDER_HELP = "Bundled name, or path of an OpenDSS (.dss), MATPOWER (.m), pandapower (.json) file or a tieline folder."


OPF_HELP = "Find the best set-points of DERs: linear rounds, convex relaxation, or exact AC equations."
OUT_HELP = "Run folder to write: report.html, the tables as Parquet, nodes, branches and taps as CSV too."
STUDY = "power-flow"
OPF_STUDY = "optimal-power-flow"
FEEDER_GROUP = heading_group("Feeder")
OUTPUT_GROUP = heading_group(OUTPUT)
OPF_GROUP = Group("Optimal power flow (with --opf)")
SHARED = ("feeder", "seed", "load_pct", "controls", "load_model")
"""Fields of both configurations that this command asks by itself."""


def solve_feeder(
    feeder: Annotated[str, Parameter(help=FEEDER_HELP)],
    *,
    opf: Annotated[
        Literal["lp", "socp", "nlp"] | None, Parameter(help=OPF_HELP)
    ] = None,
    controls: Annotated[
        Literal["feeder", "off"],
        Parameter(
            group=FEEDER_GROUP,
            help="Regulators and capacitors act (with --opf before the DERs do, and then stay), or stay as the feeder "
            "states them.",
        ),
    ] = "feeder",
    load_model: Annotated[
        Literal["feeder", "zip", "opendss-band"],
        Parameter(
            group=FEEDER_GROUP,
            help="Loads outside their voltage band: as the feeder says, stay ZIP, or turn to impedances as in OpenDSS.",
        ),
    ] = "feeder",
    load_pct: Annotated[
        float,
        Parameter(group=FEEDER_GROUP, help="Load [% of nominal].", metavar="NUMBER"),
    ] = 100.0,
    out: Annotated[Path | None, Parameter(group=OUTPUT_GROUP, help=OUT_HELP)] = None,
    **further: Any,
) -> None:
    """Solve the AC power flow of a feeder, or with --opf find its DERs' best set-points and the prices at its nodes."""
    import math

    if not math.isfinite(load_pct) or load_pct < 0:
        raise InputError(
            f"--load-pct must be a finite number of at least 0; got {load_pct:g}."
        )
    output = OutputFlags.taken_from(further)
    output.require_formats()
    if out is None:
        output.refuse_without_folder()
    flags = {name: value for name, value in further.items() if value is not None}
    values = {
        "feeder": feeder,
        "load_model": load_model,
        "load_pct": load_pct,
        **flags,
    }
    if opf is None:
        _require_no_opf(flags)
        _power_flow({**values, "controls": controls}, out, output)
        return
    # before the DERs, then they stay
    before = "hold" if controls == "feeder" else controls
    _optimal_power_flow({**values, "controls": before, "formulation": opf}, out, output)


def _signature() -> inspect.Signature:
    """That of `solve_feeder`, with a flag for each further field of the two configurations."""
    parameters = inspect.signature(solve_feeder, eval_str=True).parameters.values()
    # `further` takes what these flags bring, and is none itself
    named = [
        part for part in parameters if part.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    model = find_study(STUDY).config_model
    flags = field_flags(model, left_out=SHARED)
    of_both = [*SHARED, "formulation", "load_level_pct", *model.model_fields]
    opf_model = find_study(OPF_STUDY).config_model
    opf_flags = config_flags(opf_model, left_out=of_both, group=OPF_GROUP)
    return inspect.Signature([*named, *flags, *opf_flags, *output_parameters()])


solve_feeder.__signature__ = _signature()  # type: ignore[attr-defined]


def _require_no_opf(flags: dict[str, Any]) -> None:
    """Flags of an optimal power flow mean nothing without one."""
    fields = find_study(STUDY).config_model.model_fields
    words = [f"--{name.replace('_', '-')}" for name in flags if name not in fields]
    if words:
        raise InputError(
            f"{', '.join(words)}: only an optimal power flow takes this. Add --opf nlp, --opf socp or --opf lp."
        )


def _optimal_power_flow(
    values: dict[str, Any], out: Path | None, output: OutputFlags
) -> None:
    """The study of that name; its run folder is written only if asked for."""
    from tieline.cli.run import run_and_save

    study = find_study(OPF_STUDY)
    config = make_config(study.config_model, values, flags=values)
    if out is not None:
        run_and_save(study, config, output, out)
    else:
        _answer_alone(OPF_STUDY, config, output)


def _answer_alone(name: str, config: StudyConfig, output: OutputFlags) -> None:
    """The answer of a study without a folder."""
    from tieline.cli.run import show_answer
    from tieline.cli.working import working
    from tieline.powerflow.second_process import allow_second_process
    from tieline.studies.shell import answer

    allow_second_process()
    with working(f"{name} of {config.feeder}", output.quiet):
        result = answer(find_study(name), config)
    show_answer(result, output)
    if output.open:
        result.open()


def _power_flow(values: dict[str, Any], out: Path | None, output: OutputFlags) -> None:
    """One AC power flow; its run folder is written only if asked for."""
    from tieline.cli.working import working
    from tieline.feeders import load_feeder
    from tieline.feeders.limits import with_limits_of
    from tieline.powerflow.second_process import allow_second_process
    from tieline.reports.remarks import approximated
    from tieline.studies.asked_limits import tell_limits
    from tieline.studies.power_flow.config import PowerFlowConfig
    from tieline.studies.power_flow.flow import solve_asked

    allow_second_process()
    config = make_config(PowerFlowConfig, values, flags=values)
    if out is not None:
        _solve_and_save(config, out, output)
        return
    if output != OutputFlags():
        _answer_alone(STUDY, config, output)
        return
    with working(f"reading and solving {config.feeder}"):
        feeder = load_feeder(config.feeder)
        config, because = with_limits_of(feeder, config)
        limits_told = tell_limits(feeder, config, because)
        flow = solve_asked(feeder, config)
    _print_flow(flow, config, approximated([limits_told]))


def _solve_and_save(config: PowerFlowConfig, out: Path, output: OutputFlags) -> None:
    """The same with its run folder, which is claimed before anything is solved."""
    from tieline.cli.output import print_saved
    from tieline.cli.run import in_formats, open_report, show_answer
    from tieline.cli.working import WRITING, working
    from tieline.studies.power_flow.config import PowerFlowConfig
    from tieline.studies.power_flow.flow import solve_asked
    from tieline.studies.power_flow.study import tell_in_full
    from tieline.studies.shell import ask, open_run

    study = find_study(STUDY)
    is_plain = output.prints_answer and not output.metrics
    with open_run(study, config, out, may_replace=output.force) as run:
        with working(f"reading and solving {config.feeder}", output.quiet):
            question = ask(run.study, config)
            # with the limits that fit the feeder
            fitting = question.question
            assert isinstance(fitting, PowerFlowConfig)
            flow = solve_asked(question.feeder, fitting)
        try:
            if is_plain:
                _print_flow(flow, fitting, question.limits_told)
        finally:  # a reader of our output who left must not cost the answer
            with working(WRITING, output.quiet):
                answer = tell_in_full(flow, fitting)
                result = in_formats(question.result(answer), output)
                run.save(result)
        if not is_plain:
            show_answer(result, output)
        if output.prints_answer:
            print_saved(out, run.run_folder.earlier)
    if output.open:
        open_report(out)


def _print_flow(flow: Flow, config: PowerFlowConfig, limits_told: list[Remark]) -> None:
    """The answer in a sentence, the limits that are broken, the balance of powers, and what to know beside them."""
    from tieline.cli.answer import print_groups, print_pairs
    from tieline.cli.output import print_where_notes_are
    from tieline.cli.power_flow_summary import broken_rows, summary_rows
    from tieline.cli.screen import screen
    from tieline.reports.remarks import grouped, of_notes
    from tieline.studies.power_flow.headline import title_of
    from tieline.studies.power_flow.telling.remarks import make_remarks

    console = screen()
    console.print(title_of(flow), style="bold")
    for rows in (broken_rows(flow), summary_rows(flow.solution)):
        if rows:
            console.print()
            print_pairs(console, rows)
    console.print()
    notes = of_notes(flow.network.feeder.notes)
    # first what can be chosen on the command line
    remarks = [*make_remarks(flow, config), *limits_told, *notes]
    print_groups(console, grouped(remarks))
    print_where_notes_are(flow.network.feeder, config.feeder)
