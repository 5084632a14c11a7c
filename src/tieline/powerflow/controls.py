def solve_with_controls(*a, **k):
    raise NotImplementedError
