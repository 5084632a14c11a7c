"""The tables as each version of tieline left them, and the steps from one to the next."""
