"""The decision of the reserve study: how a requested reserve is split among DERs."""
