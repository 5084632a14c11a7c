"""The command line, `tieline` or `python -m tieline`. Nothing in it is public to Python code."""

__all__: list[str] = []
