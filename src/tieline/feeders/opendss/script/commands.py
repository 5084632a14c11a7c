"""What tieline does with each command of a script, and with each option of `set`.

A feeder file is data: a command that defines something is run, one that computes, prints or saves results is left out, and one
that would change the circuit in a way that only the engine knows, or reach outside the file, is refused. A command that stands
in no list is refused too, so that a newer engine brings no surprise.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DEFINES = _words("""
    new edit more m ~ batchedit select enable disable open close set var clear clearall
    calcvoltagebases setkvbase makebuslist reprocessbuses buildy buscoords latlongcoords setbusxy
    setloadandgenkv makeposseq allocateloads
""")
"""Commands that are run."""

SWITCHES = _words("open close enable disable makeposseq allocateloads setloadandgenkv")
"""Those of them that change elements that are there."""

SOLVES = _words("""
    solve solveall sample next init reset _initsnap _solvenocontrol _samplecontrols
    _docontrolactions _solvedirect _solvepflow finishtimestep cleanup updatestorage
""")
"""Commands that compute: they move taps and switch capacitors, and tieline wants these as the file states them."""

ACTS = SOLVES | _words("""
    show plot export visualize dump save summary help panel quit fileedit estimate about get ? //
    voltages currents powers seqvoltages seqcurrents seqpowers losses phaselosses cktlosses
    formedit totals capacity classes userclasses zsc zsc10 zscrefresh zsc012 ysc puvoltages
    varvalues varnames variable interpolate top rotate vdiff di_plot comparecases yearlycurves
    closedi _showcontrolqueue addbusmarker clearbusmarkers nodediff pstcalc relcalc nodelist
    connect disconnect calcincmatrix calcincmatrix_o refine_buslevels calclaplacian
    exportoverloads exportvviolations allpceatbus allpdeatbus totalpowers giscoords comhelp wait
    abort uuids pause
""")
"""Commands that are left out: they compute, print, plot or save, or are about things that tieline has no use for."""

REFUSED = {
    "doscmd": "runs a program",
    "alignfile": "writes a file",
    "cvrtloadshapes": "writes files",
    "distribute": "writes a file",
    "obfuscate": "renames every element",
    "newactor": "starts a second circuit beside the first",
    "clone": "starts a second circuit beside the first",
    "reduce": "merges and removes elements",
    "reconductor": "exchanges lines along a path",
    "rephase": "moves elements to other phases",
    "remove": "removes elements behind a line",
}
"""Commands that are refused, and what they do."""

REMEDY_BY_COMMAND = "Remove the line; if the feeder needs it, let OpenDSS run the file and save the circuit, and give that."

OPTIONS = _words("""
    type element class object circuit bus terminal hour sec year time h stepsize frequency
    basefrequency defaultbasefrequency loadmodel loadmult genmult cktmodel %growth normvminpu
    normvmaxpu emergvminpu emergvmaxpu %mean %stddev ldcurve defaultdaily defaultyearly
    loadshapeclass voltagebases allowduplicates zonelock controlmode tolerance maxiterations
    miniterations maxcontroliter algorithm random allocationfactors cfactors numallociterations
    earthmodel neglectloady longlinecorrection linetypes seasonrating seasonsignal pricesignal
    pricecurve %normal keepload zmag
""")
"""Options that may bear on the circuit as it stands. All others but `mode` say how to solve, plot or log, and are left out."""
