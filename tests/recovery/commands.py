"""Commands of an installation, with the time and the memory they take."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from tests.faults.house import PYTHON, ROOT, House

AN_HOUR = 3600


@dataclass
class Took:
    """What a command took: seconds on the clock, seconds of the processor, megabytes at its highest."""

    seconds: float
    processor: float
    megabytes: int
    said: str

    def figures(self) -> dict[str, float]:
        """For the line of an experiment."""
        return {
            "seconds": round(self.seconds, 1),
            "processor": round(self.processor, 1),
            "megabytes": self.megabytes,
        }


def run(house: House, *command: str) -> Took:
    """Run a command of the house (`manage.py …`, or `-m module …`). Raises RuntimeError with its last words where it fails."""
    arguments = [PYTHON, *(command if command[0] == "-m" else ("manage.py", *command))]
    began = time.monotonic()
    log = house.home / "command.log"
    with log.open("wb") as out:
        process = subprocess.Popen(arguments, env=house.env, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
        _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    said = log.read_text(encoding="utf-8", errors="replace")
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said[-1500:]}")
    took = time.monotonic() - began
    print(f"{' '.join(command[:5])}: {took:.1f} s {said.strip()[-80:]}", file=sys.stderr, flush=True)
    return Took(took, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, said)
