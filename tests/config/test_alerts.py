"""Alerts: a fault is told to a person within two minutes, once, and so is its end."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone, translation

from applications import guards
from applications.jobs import watch_the_record
from config import backup
from offices import alerts, outbox, security
from offices.models import Alert, Job, RateCounter
from offices.outbox.worker import Worker
from tests.conftest import unguarded_events
from tests.factories import FRIDAY, make_case, make_staff, make_team
from tests.pages import sign_in, visit

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def watched(settings: Any, monkeypatch: Any) -> None:
    """Somebody is told; backups are not this test's business, nor what other tests left in memory."""
    settings.ALERT_MAIL, settings.BACKUP_HOURS = ["duty@example.kz"], 0
    monkeypatch.setattr(alerts, "refusals", alerts.Refusals())


@pytest.fixture
def lines(caplog: Any) -> Any:
    """The alerts among the lines of the security log: kind and cause."""
    caplog.set_level(logging.INFO, logger="security")

    def read() -> list[tuple[str, str]]:
        rows = [json.loads(row.getMessage()) for row in caplog.records if row.name == "security"]
        return [(row["kind"], row["what"]) for row in rows if row["kind"].startswith("alert")]

    return read


def told() -> list[str]:
    """The subjects of what was mailed."""
    return [message.subject for message in mail.outbox]


def is_told_once_and_when_over(cause: str, lines: Any, begin: Any, end: Any, at: datetime = FRIDAY) -> None:
    """Nothing before; one line and one mail within a minute of the fault, no more later; the same when it is over."""
    alerts.sweep(at)
    assert (lines(), told()) == ([], [])
    begin()
    for minute in (1, 2, 3):
        assert alerts.sweep(at + minute * MINUTE)
        assert (lines(), len(told())) == ([("alert", cause)], 1), "within one sweep, and not again"
    end()
    for minute in (30, 31):
        alerts.sweep(at + minute * MINUTE)
        assert (lines(), len(told())) == ([("alert", cause), ("alert_over", cause)], 2)
    assert not Alert.objects.filter(over_at=None).exists()


# ------------------------------------------------------------------ what is watched


def test_a_late_queue(lines: Any) -> None:
    outbox.enqueue("nothing", key="nothing:1", at=FRIDAY + 2 * timedelta(days=1))

    def begin() -> None:
        Job.objects.update(due_at=FRIDAY - 10 * MINUTE)

    is_told_once_and_when_over("queue", lines, begin, lambda: Job.objects.update(done_at=FRIDAY))


def test_jobs_that_were_given_up_and_are_taken_up_again(lines: Any) -> None:
    outbox.enqueue("nothing", key="nothing:1", at=FRIDAY + timedelta(days=2))

    def begin() -> None:
        Job.objects.update(parked_at=FRIDAY, attempts=10)

    def end() -> None:
        out = StringIO()
        call_command("work", "--again", "--once", stdout=out)
        assert "1 parked jobs are taken up again" in out.getvalue()
        Job.objects.update(done_at=FRIDAY)

    is_told_once_and_when_over("parked", lines, begin, end)


def test_a_guard_of_the_record_that_is_gone(lines: Any) -> None:
    def run(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    away, back = ("DROP TRIGGER event_no_DELETE", guards._SQLITE.format(verb="DELETE"))
    if connection.vendor == "postgresql":
        away, back = (
            f"ALTER TABLE applications_event {word} TRIGGER event_append_only" for word in ("DISABLE", "ENABLE")
        )
    is_told_once_and_when_over("guard", lines, lambda: run(away), lambda: run(back))


@pytest.mark.parametrize("who", ["the daily look", "verify_events"])
def test_a_break_in_the_record(lines: Any, settings: Any, tmp_path: Path, who: str) -> None:
    settings.HEADS_FILE = tmp_path / "heads"
    case = make_case(make_team())
    kind = case.events.order_by("seq").first().kind

    def change(value: str) -> None:
        with unguarded_events():
            case.events.filter(seq=case.events.order_by("seq").first().seq).update(kind=value)
        look()

    def look() -> None:
        if who == "the daily look":
            watch_the_record(Job(key="record:1"), FRIDAY)
        else:
            try:
                call_command("verify_events", verbosity=0, stderr=StringIO())
            except CommandError:
                assert case.events.filter(kind="forged").exists()

    is_told_once_and_when_over("record", lines, lambda: change("forged"), lambda: change(kind))


def test_a_backup_that_is_too_old(lines: Any, settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_HOURS, settings.BACKUP_KEY = 26, "a key of the test"
    alerts.sweep(timezone.now())
    assert lines() == [("alert", "no_backup")]
    backup.take(tmp_path / "first")
    made = backup.last_taken()
    assert made is not None
    alerts.sweep(made + 25 * timedelta(hours=1))
    assert lines() == [("alert", "no_backup"), ("alert_over", "no_backup")]
    later = made + timedelta(hours=27)
    alerts.sweep(later)
    assert lines()[2:] == [("alert", "backup")]
    assert "27" in told()[-1]
    backup.take(tmp_path / "second")
    configured.BACKUP_MARK_FILE.write_text(later.isoformat())
    alerts.sweep(later + MINUTE)
    assert lines()[2:] == [("alert", "backup"), ("alert_over", "backup")]
    configured.BACKUP_MARK_FILE.write_text("no moment")
    assert backup.last_taken() is None


def test_a_backup_that_failed_is_none(settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_KEY = "a key of the test"
    with pytest.raises(backup.BackupError):
        backup.take(tmp_path / "nowhere" / "file")
    assert backup.last_taken() is None


def test_a_burst_of_refusals_is_counted_over_all_processes(
    lines: Any, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    moment = [timezone.now().replace(second=0)]
    monkeypatch.setattr(alerts.timezone, "now", lambda: moment[0])

    def refuse(number: int) -> None:
        """As one process does; it forgets nothing when it ends."""
        process = alerts.Refusals()
        monkeypatch.setattr(alerts, "refusals", process)
        with django_capture_on_commit_callbacks(execute=True):
            for place in range(number):
                monkeypatch.setattr(alerts, "steady", lambda place=place: float(place * 2))
                security.note("refused")

    refuse(20), refuse(20), refuse(19)
    alerts.sweep(moment[0] + MINUTE)
    assert lines() == []
    refuse(1)
    alerts.sweep(moment[0] + 2 * MINUTE)
    alerts.sweep(moment[0] + 3 * MINUTE)
    assert (lines(), len(told())) == ([("alert", "refusals")], 1)
    alerts.sweep(moment[0] + 30 * MINUTE)
    assert lines()[1:] == [("alert_over", "refusals")]


def test_a_flood_of_refusals_costs_the_database_a_statement_for_twenty(
    django_capture_on_commit_callbacks: Any, django_assert_max_num_queries: Any
) -> None:
    process = alerts.Refusals()
    with django_assert_max_num_queries(40), django_capture_on_commit_callbacks(execute=True):
        for _ in range(100):
            process.count(FRIDAY, 0.0)
    assert RateCounter.objects.get(key__startswith="refusals:").count == 81, "the first, then twenty at a time"


def test_one_refusal_now_and_then_is_no_alert(lines: Any, django_capture_on_commit_callbacks: Any) -> None:
    process = alerts.Refusals()
    with django_capture_on_commit_callbacks(execute=True):
        for second in range(0, 600, 2):
            process.count(FRIDAY + timedelta(seconds=second), float(second))
    alerts.sweep(FRIDAY + 10 * MINUTE)
    assert lines() == []


def test_a_refusal_while_the_database_is_away_is_a_refusal_all_the_same(caplog: Any, monkeypatch: Any) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(transaction, "on_commit", away)
    security.note("refused")
    assert "not counted" in caplog.text


# ------------------------------------------------------------------ clocks


@pytest.mark.parametrize("minutes", [6, -6, 60, -24 * 60])
def test_a_clock_that_jumps_is_told_once_whatever_the_number_of_workers(
    lines: Any, monkeypatch: Any, minutes: int
) -> None:
    monkeypatch.setattr("offices.outbox.worker.fill_slots", lambda: None)
    wall, ticks = [datetime(2026, 3, 13, 10, 0, tzinfo=UTC)], [1000.0]
    monkeypatch.setattr("offices.outbox.worker.timezone.now", lambda: wall[0])
    monkeypatch.setattr(alerts, "steady", lambda: ticks[0])
    monkeypatch.setattr(alerts, "database_clock", lambda: wall[0])
    workers = [Worker(), Worker()]

    def pass_by(seconds: int) -> None:
        for _ in range(seconds // 20):
            wall[0] += timedelta(seconds=20)
            ticks[0] += 20
            for worker in workers:
                worker._slots_at = float("-inf")
                worker.look()

    pass_by(180)
    assert lines() == []
    wall[0] += timedelta(minutes=minutes)
    pass_by(120)
    assert (lines(), len(told())) == ([("alert", "clock")], 1), "within two minutes"
    assert str(minutes) in told()[0]
    pass_by(840)
    assert (lines(), len(told())) == ([("alert", "clock"), ("alert_over", "clock")], 2)


def test_a_clock_that_is_set_by_four_minutes_is_nothing_to_tell_of(lines: Any) -> None:
    alerts.note_jump(timedelta(minutes=4), FRIDAY)
    clock = alerts.Clock()
    assert clock.jumped(1000, 10) == timedelta(0)
    assert clock.jumped(1015, 20) == timedelta(seconds=5)
    assert lines() == []


def test_a_clock_that_came_up_years_behind_is_seen_by_the_mark_in_the_database(lines: Any) -> None:
    alerts.sweep(FRIDAY)
    assert alerts.sweep(FRIDAY - timedelta(days=4000)), "and the watch does not wait until the time comes round again"
    assert lines() == [("alert", "clock")]


def test_a_database_whose_clock_is_another_one_is_told(lines: Any, monkeypatch: Any) -> None:
    shift = [timedelta(0)]
    own = alerts.database_clock
    monkeypatch.setattr(alerts, "database_clock", lambda: own() + shift[0])

    def set_to(minutes: int) -> None:
        shift[0] = timedelta(minutes=minutes)

    is_told_once_and_when_over("clock", lines, lambda: set_to(7), lambda: set_to(1))


# ------------------------------------------------------------------ who tells, and whom


def late_job(at: datetime) -> None:
    """A fault, as good as any."""
    outbox.enqueue("nothing", key=f"nothing:{at}", at=timezone.now() + timedelta(days=9))
    Job.objects.update(due_at=at - 11 * MINUTE)


def test_of_two_workers_in_one_minute_one_sweeps() -> None:
    late_job(FRIDAY)
    assert alerts.sweep(FRIDAY)
    assert not alerts.sweep(FRIDAY + timedelta(seconds=59))
    assert alerts.sweep(FRIDAY + timedelta(seconds=60))
    assert len(told()) == 1


def test_a_worker_sweeps_before_it_takes_up_the_jobs_it_is_to_tell_of(monkeypatch: Any) -> None:
    monkeypatch.setattr("offices.outbox.worker.fill_slots", lambda: None)
    monkeypatch.setattr("offices.outbox.worker.run_one", lambda: told() == [] and pytest.fail("the jobs came first"))
    late_job(timezone.now())
    Worker().look()
    assert len(told()) == 1


def test_a_mail_server_that_is_away_delays_the_mail_and_nothing_else(lines: Any, monkeypatch: Any) -> None:
    late_job(FRIDAY)
    with monkeypatch.context() as patch:
        patch.setattr(alerts, "send_mail", lambda **_: (_ for _ in ()).throw(ConnectionRefusedError))
        alerts.sweep(FRIDAY)
        Job.objects.update(done_at=FRIDAY)
        alerts.sweep(FRIDAY + MINUTE)
    assert (lines(), told()) == ([("alert", "queue"), ("alert_over", "queue")], [])
    alerts.sweep(FRIDAY + 2 * MINUTE)
    alerts.sweep(FRIDAY + 3 * MINUTE)
    assert len(told()) == 2
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 2


def test_a_check_that_fails_does_not_keep_the_others_from_being_made(lines: Any, monkeypatch: Any, caplog: Any) -> None:
    monkeypatch.setattr(alerts, "checks", {"guard": lambda at: 1 // 0, "queue": alerts.look_at_queue})
    late_job(FRIDAY)
    alerts.sweep(FRIDAY)
    assert lines() == [("alert", "queue")]
    assert "guard could not be looked at: ZeroDivisionError" in caplog.text


def test_the_mail_is_in_both_languages_and_leads_to_the_page() -> None:
    late_job(FRIDAY)
    alerts.sweep(FRIDAY)
    [message] = mail.outbox
    assert message.to == ["duty@example.kz"]
    assert message.body.endswith("/admin/\n")
    with translation.override("kk"):
        kk = alerts.words(Alert.objects.get())
    with translation.override("ru"):
        ru = alerts.words(Alert.objects.get())
    assert kk != ru
    assert kk in message.subject
    assert kk in message.body
    assert ru in message.body


def test_a_machine_that_has_no_worker_is_watched_by_its_timer() -> None:
    out = StringIO()
    call_command("watch", stdout=out)
    assert out.getvalue() == ""
    RateCounter.objects.all().delete()
    late_job(timezone.now())
    with pytest.raises(CommandError, match="1 alerts stand"):
        call_command("watch", stdout=out)
    assert "Work after the acts is late: 1 jobs" in out.getvalue()
    assert len(told()) == 1


def test_administrators_see_what_stands_and_what_is_lately_over() -> None:
    late_job(FRIDAY)
    alerts.sweep(FRIDAY)
    administrator = sign_in(make_staff("south:shymkent", "administrator"))
    standing = visit(administrator, "/admin/")
    assert (
        "Work after the acts is late: 1 jobs have been due for more than ten minutes. since 13.03.2026"
        in standing.words
    )
    Job.objects.update(done_at=FRIDAY)
    alerts.sweep(timezone.now())
    assert "Over since" in visit(administrator, "/admin/").words
    Alert.objects.update(over_at=timezone.now() - timedelta(days=8))
    assert "What needs attention" not in visit(administrator, "/admin/").words


def test_every_cause_has_words_in_every_language_and_no_watch_is_without() -> None:
    facts = {"count": 61, "minutes": -7, "hours": 30}
    assert set(alerts.checks) <= set(alerts._WORDS)
    for cause in alerts._WORDS:
        said = set()
        for language in ("kk", "ru", "en"):
            with translation.override(language):
                said.add(alerts.words(Alert(cause=cause, facts=facts)))
        assert len(said) == 3, cause
    with pytest.raises(ValueError, match="no words"):
        alerts.watch("weather")
