"""The service for programs that talk: a server of the Model Context Protocol, as thin tools over the API."""
