"""`tieline train STUDY`: train the policies of a study; the folder can be given to `tieline run STUDY --policy`."""

from __future__ import annotations

from cyclopts import App

from tieline.cli.run import study_command
from tieline.studies.catalogue import TRAININGS

app = App(
    name="train",
    help="Train the policies of a study and write them with their learning curves.",
)

for _study, _training in TRAININGS.items():
    app.command(study_command(_training), name=_study)
