"""`python -m tests.recovery restore|upgrade sqlite|postgresql [--cases N]`: one experiment on one database.

Prints a line of JSON (and adds it to --out); ends with 1 where anything was lost, differed, or took longer than it may.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="tests.recovery")
    parser.add_argument("what", choices=["restore", "upgrade"])
    parser.add_argument("database", choices=["sqlite", "postgresql"])
    parser.add_argument("--cases", type=int, help="applications; 100,000 for restore, 10,000 for upgrade")
    parser.add_argument("--out", type=Path, help="file to add the line to")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whoever stops it leaves no database behind
    if options.what == "restore":
        from tests.recovery.restoring import experiment
    else:
        from tests.recovery.upgrading import experiment  # type: ignore[assignment]
    line: dict[str, Any] = {"experiment": options.what, "database": options.database}
    line |= experiment(options.database, options.cases)
    text = json.dumps(line, ensure_ascii=False)
    print(text)
    if options.out:
        with options.out.open("a", encoding="utf-8") as file:
            file.write(text + "\n")
    return 1 if line["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
