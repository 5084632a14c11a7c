"""The questions tieline answers: for each a configuration, a run and a report, side by side in one package."""
