"""Cooperative battery control: time of a day, and the goals of the study on the published case and others."""
