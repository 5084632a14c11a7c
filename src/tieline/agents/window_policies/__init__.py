"""Policies of microgrids that decide a window at a time.

inputs         what an agent's networks are given: its observation, and its part of the merit plan
policies       the policies of all agents as plain NumPy, and the set-points that they wish
policy_key     what they were made for
policy_file    their sealed file
"""
