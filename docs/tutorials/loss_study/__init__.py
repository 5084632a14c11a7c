"""A study of one's own: how losses grow with load."""
