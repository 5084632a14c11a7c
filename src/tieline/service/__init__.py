"""Markets and studies as a service: a database, jobs, a market loop, and an API in front of them."""
