"""A year of hours of feeders with load shapes and acting controls, beside OpenDSS."""
