"""The API of the service: what may be asked, by whom, and how it is answered or refused. It computes nothing itself."""
