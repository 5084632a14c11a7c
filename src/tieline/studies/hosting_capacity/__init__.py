"""How much PV fits on a feeder: `config` asks, `deployments` draws, `study` solves, `answer` concludes, `report` shows."""
