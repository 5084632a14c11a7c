"""Policies that restore the load of an island.

inputs       what a network is given
departure    its numbers, as a change of the holding plan or of what stands
policies     the policy as plain arrays; who decides with it
policy_key   what it was made for
policy_file  one policy in a sealed file
"""
