"""Markets and studies as a service: a web process, worker processes, and one database that says what is true."""

__all__: list[str] = []
