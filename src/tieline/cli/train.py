"""`tieline train STUDY`: train the policies of a study; the folder can be given to `tieline run STUDY --policy`."""

from __future__ import annotations

from cyclopts import App

from tieline.studies.catalogue import TRAININGS

app = App(
    name="train",
    help="Train the policies of a study and write them with their learning curves.",
)

for _study, _training in TRAININGS.items():
    path = f"tieline.cli.run:{_training.name}"
    app.command(path, name=_study, help=_training.question)
