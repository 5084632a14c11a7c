"""How is a requested reserve split among DERs at least cost, loss and voltage deviation?"""
