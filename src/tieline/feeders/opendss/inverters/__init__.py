"""`InvControl` of OpenDSS as characteristics of its DERs.

`read.py` goes through the controls of a file, `record.py` says what stands in one, `refusals.py` why it cannot be read,
`control.py` makes the characteristic, `surprises.py` notes where OpenDSS does other than expected.
"""

from tieline.feeders.opendss.inverters.read import (
    read_inverter_controls,
    wanted_powers,
)

__all__ = ["read_inverter_controls", "wanted_powers"]
