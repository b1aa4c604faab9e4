"""Every act on figures, ready to be done. ADD A LINE FOR A NEW ACT."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from applications.models import Clock
from applications.workflow import State
from kpi.actions import quality, sealing, targets
from kpi.queries.asking import Period
from tests.config.people_for_deeds import LATER, Deed, People
from tests.factories import FRIDAY, make_case
from tests.kpi.test_quality import ALL_RIGHT, APRIL, MARCH

CODE = "south-2012-370-4"


def on_figures(p: People) -> dict[str, Callable[[], Deed]]:
    """Samples, closed periods, targets."""
    t, march = p.team, Period.parse("2026-03")
    april = {"by": t.head, "at": APRIL}

    def drawn(act: bool) -> Callable[[], Deed]:
        def make() -> Deed:
            make_case(t, state=State.SIGNED)
            if not act:
                return lambda: quality.draw(t.office, MARCH, **april)
            row = quality.draw(t.office, MARCH, **april).checks.get()
            return lambda: quality.check(row, ALL_RIGHT, by=t.deputy, at=APRIL)

        return make

    def amended() -> Deed:
        case = make_case(t, state=State.TOLD)
        row = sealing.seal(t.office, CODE, march, **april)
        Clock.objects.filter(case=case, kind="overall").update(met=False)
        return lambda: sealing.amend(row, reason="қағаздағы күн", **april)

    plan = {"office": t.office, "year": 2027, "values": {"1.1": Decimal(99)}, "reason": "өсім"}

    def approved() -> Deed:
        row = targets.propose(CODE, **plan, by=t.head, at=LATER)
        return lambda: targets.approve(row, number="3", day=FRIDAY.date(), members="Ә. Н.", by=t.head, at=APRIL)

    return {
        "quality.draw": drawn(False),
        "quality.check": drawn(True),
        "sealing.seal": lambda: lambda: sealing.seal(t.office, CODE, march, **april),
        "sealing.amend": amended,
        "targets.propose": lambda: lambda: targets.propose(CODE, **plan, by=t.head, at=LATER),
        "targets.approve": approved,
    }
