"""Minute by minute: which DERs supply which load at what nodal price, in microgrids that form, merge and split by themselves?"""
