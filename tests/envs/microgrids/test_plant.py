"""What the configuration makes of a feeder."""

from __future__ import annotations

from tieline import load_feeder
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.plant import make_plant


def test_limits_of_the_configuration():
    feeder = load_feeder("ieee33-microgrids")
    config = MicrogridsWorldConfig(transformer_pct=80.0, stored_high_share=1.0)
    plant = make_plant(feeder, config)
    assert [limit.kva for limit in plant.branch_limits] == [0.8 * 315.0] * 5
    assert plant.batteries.stored_max_kwh.tolist() == [400.0] * 5
    unrated = MicrogridsWorldConfig(transformer_pct="off")
    assert make_plant(feeder, unrated).branch_limits == ()


def test_devices_outside_of_microgrids_stand_idle():
    feeder = load_feeder("ieee33-microgrids")
    config = MicrogridsWorldConfig(pccs=("mg1_pcc", "mg3_pcc"))
    plant = make_plant(feeder, config)
    assert plant.generators.p_max_kw.tolist() == [300.0, 0.0, 300.0, 0.0, 0.0]
    assert plant.batteries.charge_max_kw.tolist() == [100.0, 0.0, 100.0, 0.0, 0.0]
    assert len(plant.idle_names) == 6
    assert not any(name.startswith(("mg1", "mg3")) for name in plant.idle_names)
