"""The calendar edited by year: what moves is shown before it is confirmed, and each term that moved keeps the reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from applications.models import Case, Clock, Event
from applications.recount import CalendarMovedError, Days, change_calendar, moves
from applications.workflow import State
from offices.calendars import calendar_changed, current_version
from offices.models import CalendarDay
from services.templatetags.traces import trace_lines
from tests.factories import FRIDAY, make_case, make_staff, make_team, office
from tests.pages import Page, post, sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_friday")]
REASON = "Қаулы № 5: 18 наурыз — демалыс"


@pytest.fixture
def _friday(monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: FRIDAY)


@pytest.fixture
def own() -> Client:
    """The administrator of Shymkent."""
    return sign_in(make_staff("south:shymkent", "administrator"))


@pytest.fixture
def case() -> Case:
    """Seven working days from Friday 13.03.2026: due on Friday 27.03."""
    return make_case(make_team())


def rows_first(page: Page) -> Page:
    """The page with the form of the rows as its own one; the choice of the office stands above it."""
    page.forms.sort(key=lambda form: form.method != "post" or form.action.startswith(("/language/", "/logout/")))
    return page


def send(page: Page, **typed: Any) -> Page:
    answer = page.send(**typed)
    return year(answer.client, answer.response["Location"]) if answer.status == 302 else rows_first(answer)


def year(client: Client, path: str = "") -> Page:
    return rows_first(visit(client, path or address()))


def address(key: str = "south:shymkent") -> str:
    return f"/calendar/2026/?office={office(key).pk}"


def new_day(**fields: str) -> dict[str, str]:
    """A day in the first empty row of an office without days of its own."""
    day = {"day": "2026-03-18", "kind": "closed", "name_kk": "Жөндеу", "name_ru": "Ремонт", "source": "Бұйрық № 5"}
    return {f"days-0-{name}": value for name, value in (day | fields).items()}


def overall(case: Case) -> Clock:
    return Clock.objects.get(case=case, kind="overall")


def previewed(client: Client, **fields: str) -> Page:
    return send(year(client), **new_day(**fields), do="preview")


# ------------------------------------------------------------------ before it is confirmed


def test_what_moves_and_by_how_much_is_shown_and_nothing_is_written(own: Client, case: Case) -> None:
    page = previewed(own)
    assert page.status == 200
    assert "1 day is set, 0 are taken away. 1 running term of a case moves." in page.words
    assert f"{case.number} Whole service 27.03.2026 18:00 30.03.2026 18:00 +3 days" in page.words
    assert overall(case).due_at.date() == date(2026, 3, 27)
    assert not CalendarDay.objects.filter(office=case.office).exists()


def test_closed_terms_and_other_offices_do_not_move(own: Client, case: Case) -> None:
    ended, elsewhere = make_case(make_team(), state=State.TOLD), make_case(make_team("south:arys"))
    page = previewed(own)
    assert ended.number not in page.words
    assert elsewhere.number not in page.words
    assert "1 running term of a case moves." in page.words


def test_a_change_that_moves_nothing_says_so(own: Client) -> None:
    assert "0 running terms of cases move." in previewed(own).words


# ------------------------------------------------------------------ confirmed


def confirmed(client: Client, **fields: str) -> Page:
    return send(previewed(client, **fields), reason=REASON, do="confirm")


def test_confirmed_the_day_stands_and_the_reason_is_in_the_sum_and_in_the_record(own: Client, case: Case) -> None:
    page = confirmed(own)
    assert "The calendar is changed; 1 term moved." in page.words
    clock = overall(case)
    assert clock.due_at.date() == date(2026, 3, 30)
    with translation.override("en"):
        assert trace_lines(clock.trace)[-1]["words"].endswith(f"Counted anew: {REASON}")
    event = Event.objects.get(case=case, kind="recount")
    assert event.reason == REASON
    assert event.payload["terms"][0]["due"].startswith("2026-03-30")
    row = CalendarDay.objects.get(office=case.office)
    assert (row.day, row.kind, row.source) == (date(2026, 3, 18), "closed", "Бұйрық № 5")
    assert row.history.first().history_change_reason == REASON
    case.refresh_from_db()
    assert case.due_at <= clock.due_at


def test_the_timeline_of_the_case_tells_it(own: Client, case: Case) -> None:
    confirmed(own)
    words = visit(sign_in(make_staff("south:shymkent", "clerk")), f"/cases/{case.pk}/").words
    assert "The calendar changed, the terms were counted anew" in words
    assert REASON in words


def test_a_day_taken_away_moves_the_terms_back(own: Client, case: Case) -> None:
    confirmed(own)
    page = send(year(own), **{"days-0-DELETE": "on"}, do="preview")
    assert "0 days are set, 1 is taken away." in page.words
    assert "−3 days" in page.words
    assert "1 term moved" in send(page, reason="Қаулының күші жойылды", do="confirm").words
    assert overall(case).due_at.date() == date(2026, 3, 27)
    assert not CalendarDay.objects.filter(office=case.office).exists()


def test_a_row_set_on_another_day_leaves_its_old_one(own: Client, case: Case) -> None:
    confirmed(own)
    page = send(year(own), **{"days-0-day": "2026-04-15"}, do="preview")
    assert "−3 days" in page.words
    send(page, reason="Басқа күн", do="confirm")
    assert CalendarDay.objects.get(office=case.office).day == date(2026, 4, 15)
    assert overall(case).due_at.date() == date(2026, 3, 27)


def test_what_is_shown_is_what_the_engine_then_counts(
    own: Client, case: Case, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        confirmed(own)
    assert overall(case).trace[-1]["kind"] == "recounted"  # the ordinary recount after the commit found nothing to move


def test_a_repeated_confirmation_changes_nothing(own: Client, case: Case) -> None:
    page = previewed(own)
    send(page, reason=REASON, do="confirm")
    again = send(page, reason=REASON, do="confirm")
    assert again.status in (400, 409)
    assert Event.objects.filter(kind="recount").count() == 1
    assert CalendarDay.objects.filter(office=case.office).count() == 1


def test_rows_changed_after_the_look_are_shown_again_before_they_count(own: Client, case: Case) -> None:
    page = send(previewed(own), reason=REASON, do="confirm", **{"days-0-day": "2026-03-19"})
    assert page.status == 409
    assert "The rows were changed after they were looked at" in page.words
    assert page.typed("reason") == REASON
    assert not CalendarDay.objects.filter(office=case.office).exists()


def test_a_calendar_changed_by_somebody_else_is_shown_again(own: Client, case: Case) -> None:
    page = previewed(own)
    calendar_changed()
    page = send(page, reason=REASON, do="confirm")
    assert page.status == 409
    assert "The calendar was changed meanwhile" in page.words
    assert "The calendar is changed" in send(page, do="confirm").words


def test_without_a_reason_nothing_is_written_and_the_rows_stay(own: Client, case: Case) -> None:
    page = send(previewed(own), do="confirm")
    assert page.status == 400
    assert "Give the reason" in page.summary
    assert page.typed("days-0-name_kk") == "Жөндеу"
    assert not CalendarDay.objects.filter(office=case.office).exists()


def test_a_failure_on_the_way_leaves_nothing(case: Case, monkeypatch: Any) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    row = CalendarDay(
        office=case.office, day=date(2026, 3, 18), kind="closed", name_kk="Жөндеу", name_ru="Ремонт", source="№ 5"
    )
    days, by = Days(case.office, [row]), make_staff("south:shymkent", "administrator")
    with pytest.raises(CalendarMovedError):
        change_calendar(days, reason="x", version=current_version() - 1, by=by, at=FRIDAY)
    monkeypatch.setattr("applications.recount.append_events", broken)
    with pytest.raises(RuntimeError):
        change_calendar(days, reason="x", version=current_version(), by=by, at=FRIDAY)
    assert not CalendarDay.objects.filter(office=case.office).exists()
    assert overall(case).due_at.date() == date(2026, 3, 27)
    assert len(moves(days)) == 1


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"day": "2027-03-18"}, "This day lies in another year."),
        ({"day": "x"}, "Enter a valid date."),
        ({"kind": ""}, "This field is required."),
        ({"name_ru": ""}, "This field is required."),
        ({"source": ""}, "Say where this is from"),
        ({"opens": "09:00", "closes": "12:00"}, "A day that is not worked has no hours."),
        ({"kind": "short"}, "Give the hours of this day."),
        ({"kind": "short", "opens": "12:00", "closes": "09:00"}, "Closing must come after opening."),
        ({"kind": "working_day", "opens": "09:00"}, "Give both hours, or neither."),
    ],
)
def test_bad_input_is_answered_beside_the_field_and_stays(own: Client, fields: dict[str, str], words: str) -> None:
    page = previewed(own, **fields)
    assert page.status == 400
    assert words in page.summary
    assert page.typed("days-0-name_kk") == "Жөндеу"


def test_one_source_does_for_all_rows_without_one(own: Client, case: Case) -> None:
    page = send(year(own), **new_day(source=""), common_source="Қаулы № 9", do="preview")
    send(page, reason=REASON, do="confirm")
    assert CalendarDay.objects.get(office=case.office).source == "Қаулы № 9"


def test_a_day_twice_is_refused(own: Client) -> None:
    second = {name.replace("days-0", "days-1"): value for name, value in new_day().items()}
    page = send(year(own), **new_day(), **second, do="preview")
    assert "This day stands in the calendar already." in page.summary


# ------------------------------------------------------------------ whose calendar


def test_the_national_days_are_changed_by_the_oblast_only(own: Client) -> None:
    page = visit(own, "/calendar/2026/")
    assert "Наурыз" in page.words or "Nauryz" in page.words
    assert 'value="preview"' not in page.html
    assert post(own, "/calendar/2026/", do="preview").status == 404
    oblast = sign_in(make_staff("zhambyl:oblast", "administrator"))
    assert 'value="preview"' in visit(oblast, "/calendar/2026/").html


def test_a_national_day_moves_the_terms_of_all_offices_but_not_where_the_office_has_its_own_day() -> None:
    cases = [make_case(make_team(key)) for key in ("south:shymkent", "south:arys")]
    names = {"name_kk": "Кезекші күн", "name_ru": "Дежурный день", "source": "№ 1"}
    CalendarDay.objects.create(office=cases[1].office, day=date(2026, 3, 18), kind="working_day", **names)
    row = CalendarDay(day=date(2026, 3, 18), kind="day_off", **names)
    assert [move.clock.case_id for move in moves(Days(None, [row]))] == [cases[0].pk]


@pytest.mark.parametrize("chosen", ["0", "x", "²", "9" * 30])
def test_an_office_that_is_not_managed_is_not_there(own: Client, chosen: str) -> None:
    assert visit(own, f"/calendar/2026/?office={chosen}").status == 404
    assert visit(own, address("south:arys")).status == 404
    assert visit(own, "/calendar/1999/").status == 404


def test_the_short_way_leads_to_the_year_and_office(own: Client) -> None:
    response: Any = own.get("/calendar/")
    assert response["Location"] == address()


# ------------------------------------------------------------------ a file of the year

FILE = """
- date: 2026-03-18
  kind: closed
  name: {kk: "Жөндеу", ru: "Ремонт"}
  source: "Бұйрық № 5"
"""


def sent_file(client: Client, text: str) -> Any:
    page = year(client)
    data = {**page.form.values(), "do": "import", "file": SimpleUploadedFile("2026.yaml", text.encode())}
    return client.post(address(), {name: value for name, value in data.items() if value is not None})


def test_a_file_fills_the_rows_and_writes_nothing(own: Client, case: Case) -> None:
    html = sent_file(own, FILE).content.decode()
    assert "filled from the file" in html
    assert 'value="2026-03-18"' in html
    assert "Бұйрық № 5" in html
    assert not CalendarDay.objects.filter(office=case.office).exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- date: 2027-01-01\n  kind: holiday\n  name: {kk: a}", "Row 1: no day of 2026"),
        ("- date: soon\n  name: {kk: a}", "Row 1: no day of 2026"),
        ("[", "cannot be read"),
        ("a: 1", "a list is expected"),
        ("[" * 90_000, "nested too deeply"),
        ("- &a [x]\n- *a", "References"),
        ("x" * 200_001, "too large"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(own: Client, text: str, words: str) -> None:
    response = sent_file(own, text)
    assert response.status_code == 400
    assert words in response.content.decode()
