"""The experiments by name: what is done to the house, and what must hold afterwards (SECURITY, E1 to E19).

Every function takes the run (house, people, size) and gives figures for its line of the table; `wrong` lists what it saw that
must not be. The checker runs after each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.faults.killed import canary, embedded_kills, kills, load
from tests.faults.later import clock_jump, job_kills
from tests.faults.power import power
from tests.faults.races import same_post, slow_clients, two_heads
from tests.faults.run import Run
from tests.faults.trouble import database_gone, database_kills, disk_full

EXPERIMENTS: dict[str, Callable[[Run], dict[str, Any]]] = {
    "load": load, "kills": kills, "embedded_kills": embedded_kills, "database_kills": database_kills,
    "database_gone": database_gone, "two_heads": two_heads, "same_post": same_post, "slow_clients": slow_clients,
    "job_kills": job_kills, "clock_jump": clock_jump, "power": power, "disk_full": disk_full, "canary": canary,
}  # fmt: skip
