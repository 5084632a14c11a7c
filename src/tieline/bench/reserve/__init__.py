"""The reserve study trained anew under several settings, held against its goals."""
