"""The watch over the logs sees what it is there to see."""

import logging

from tests.factories import make_iin
from tests.sentinels import NAMES, Watch


def test_a_name_or_a_number_in_a_log_is_seen(nothing_personal_is_logged: Watch) -> None:
    log = logging.getLogger("canary")
    log.error("the case of %s", NAMES[0])
    log.error("the number %s", make_iin())
    try:
        raise ValueError(NAMES[1])
    except ValueError:
        log.exception("broken")
    log.error("nothing personal")
    assert len(nothing_personal_is_logged.found) == 3
    nothing_personal_is_logged.found.clear()
