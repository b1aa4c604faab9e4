"""The admin of reference data: who may change what, and the calendar that moves due dates."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Clock
from offices.calendars import calendar_of
from offices.models import CalendarDay, Membership, Office, OfficeHours, Substitution, User
from offices.workflow import Role
from services.models import Edition, EditionUse
from tests.factories import FRIDAY, make_case, make_staff, make_team, make_user, office
from tests.offices.admin_pages import HEADS, NEW, administrator, browser, download, filled, of_oblast, office_form, page

pytestmark = pytest.mark.django_db


# ------------------------------------------------------------------ who comes in


def test_a_stranger_is_sent_to_the_ordinary_log_in() -> None:
    answer = Client().get(page("index"), follow=True)
    assert answer.redirect_chain[-1][0] == f"{reverse('login')}?next=/admin/"


def test_a_clerk_is_refused() -> None:
    client = browser(make_staff("south:shymkent", Role.CLERK).user)
    assert client.get(page("index"), follow=True).status_code == 403
    assert client.get(page("offices_office_changelist"), follow=True).status_code == 403


def test_an_administrator_whose_term_has_ended_is_refused() -> None:
    user = make_staff("south:shymkent", Role.ADMINISTRATOR).user
    client = browser(user)
    assert client.get(page("index")).status_code == 200
    Membership.objects.filter(user=user).update(valid_to=date(2020, 1, 1))
    assert client.get(page("index"), follow=True).status_code == 403


def test_every_page_that_an_administrator_may_open_opens_in_each_language() -> None:
    pages = ("offices_office", "offices_calendarday", "offices_user", "offices_membership", "offices_substitution")
    for language in ("kk", "ru", "en"):
        client = of_oblast(language)
        for name in (*pages, "services_editionuse", "services_edition"):
            assert client.get(page(f"{name}_changelist")).status_code == 200, (language, name)


# ------------------------------------------------------------------ whose rows


def test_an_administrator_sees_his_own_office_only() -> None:
    answer = administrator("south:shymkent").get(page("offices_office_changelist"))
    assert [row.key for row in answer.context["cl"].queryset] == ["south:shymkent"]


def test_a_foreign_office_is_not_there() -> None:
    client, foreign = administrator("south:shymkent"), office("south:arys")
    for name in ("change", "history"):
        assert client.get(page(f"offices_office_{name}", foreign.pk)).status_code == 404
        assert client.post(page(f"offices_office_{name}", foreign.pk), {"name_kk": "x"}).status_code == 404
    assert foreign.name_kk not in client.get(page("offices_calendarday_changelist")).content.decode()
    assert foreign.name_ru.encode() not in download(client, "csv")


def test_an_administrator_of_an_oblast_body_manages_every_office_of_that_oblast_and_none_of_another() -> None:
    client = of_oblast()
    keys = {row.key for row in client.get(page("offices_office_changelist")).context["cl"].queryset}
    assert keys == set(Office.objects.filter(oblast="akmola").values_list("key", flat=True))
    assert client.get(page("offices_office_change", office("zhambyl:taraz").pk)).status_code == 404


def test_an_administrator_of_a_district_changes_contacts_but_not_what_his_office_is() -> None:
    client = administrator("akmola:akkol")
    data = office_form(client, "akmola:akkol", head_name="Ж. Қасымова", kind="oblast_body", oblast="south", code="ZZZ")
    assert client.post(page("offices_office_change", office("akmola:akkol").pk), data).status_code == 302
    row = office("akmola:akkol")
    assert (row.head_name, row.kind, row.oblast) == ("Ж. Қасымова", "department", "akmola")
    assert row.code != "ZZZ"


def test_only_an_oblast_body_adds_offices_and_only_in_its_oblast() -> None:
    assert administrator("akmola:akkol").get(page("offices_office_add")).status_code == 403
    answer = of_oblast().get(page("offices_office_add"))
    assert [value for value, _label in answer.context["adminform"].form.fields["oblast"].choices] == ["akmola"]


def test_a_new_office_gets_the_ordinary_hours_so_that_its_terms_can_be_counted() -> None:
    client = of_oblast()
    data = filled(client.get(page("offices_office_add")).context)
    data |= dict(zip(HEADS, NEW, strict=True))
    assert client.post(page("offices_office_add"), data).status_code == 302
    assert calendar_of(office("akmola:novy")).is_working_day(date(2026, 3, 13))


def test_what_was_changed_by_whom_is_read_on_the_history_page() -> None:
    client = administrator("akmola:akkol")
    client.post(
        page("offices_office_change", office("akmola:akkol").pk),
        office_form(client, "akmola:akkol", head_name="Ж. Қасымова"),
    )
    answer = client.get(page("offices_office_history", office("akmola:akkol").pk))
    assert "Ж. Қасымова" in answer.content.decode()
    assert client.session["_auth_user_id"] == str(office("akmola:akkol").history.first().history_user_id)


def test_the_past_is_read_but_never_put_back() -> None:
    client, record = administrator("akmola:akkol"), office("akmola:akkol").history.first()
    path = page("offices_office_history", office("akmola:akkol").pk) + f"{record.pk}/"
    assert client.get(path).status_code in (302, 404)
    assert client.post(path, {"_save": "1"}).status_code in (302, 404)


# ------------------------------------------------------------------ hours and days


def test_hours_whose_terms_overlap_are_refused_because_no_date_could_be_counted() -> None:
    client = administrator("akmola:akkol")
    data = office_form(client, "akmola:akkol")
    extra = int(data["hours-INITIAL_FORMS"])
    data |= {f"hours-{extra}-{name}": value for name, value in {"purpose": "work", "weekday": "1"}.items()}
    data |= {
        f"hours-{extra}-opens": "08:00",
        f"hours-{extra}-closes": "17:00",
        f"hours-{extra}-valid_from": "2026-06-01",
    }
    answer = client.post(page("offices_office_change", office("akmola:akkol").pk), data)
    assert "overlap" in answer.content.decode()
    assert not OfficeHours.objects.filter(office=office("akmola:akkol"), opens=time(8)).exists()


def test_the_last_hours_of_an_office_stay() -> None:
    client = administrator("akmola:akkol")
    data = office_form(client, "akmola:akkol")
    data |= {f"hours-{row}-DELETE": "on" for row in range(int(data["hours-INITIAL_FORMS"]))}
    answer = client.post(page("offices_office_change", office("akmola:akkol").pk), data)
    assert "no due date could be counted" in answer.content.decode()


def test_reception_hours_are_a_setting_of_their_own() -> None:
    client = administrator("akmola:akkol")
    data = office_form(client, "akmola:akkol")
    row = f"hours-{data['hours-INITIAL_FORMS']}"
    data |= {f"{row}-purpose": "reception", f"{row}-weekday": "2", f"{row}-opens": "10:00", f"{row}-closes": "12:00"}
    assert client.post(page("offices_office_change", office("akmola:akkol").pk), data).status_code == 302
    assert office("akmola:akkol").hours.get(purpose="reception").weekday == 2


def day_form(**changes: Any) -> dict[str, Any]:
    given = {"day": "2026-03-16", "office": "", "kind": "holiday", "name_kk": "Мереке", "name_ru": "Праздник"}
    return {**given, "source": "Қаулы 1", **changes}


def test_a_national_day_is_changed_by_an_oblast_body_only() -> None:
    national = CalendarDay.objects.filter(office=None).first()
    district = administrator("akmola:akkol")
    assert district.get(page("offices_calendarday_change", national.pk)).status_code == 200
    assert district.post(page("offices_calendarday_change", national.pk), day_form()).status_code == 403
    assert district.post(page("offices_calendarday_delete", national.pk), {"post": "yes"}).status_code == 403
    assert district.post(page("offices_calendarday_add"), day_form()).status_code == 200
    assert not CalendarDay.objects.filter(day=date(2026, 3, 16)).exists()
    assert of_oblast().post(page("offices_calendarday_add"), day_form()).status_code == 302
    assert CalendarDay.objects.filter(day=date(2026, 3, 16), office=None).exists()


def test_an_administrator_adds_an_exception_for_his_own_office_only() -> None:
    client, own, foreign = administrator("akmola:akkol"), office("akmola:akkol"), office("akmola:arshaly")
    assert client.post(page("offices_calendarday_add"), day_form(office=foreign.pk, kind="closed")).status_code == 200
    assert client.post(page("offices_calendarday_add"), day_form(office=own.pk, kind="closed")).status_code == 302
    assert not calendar_of(own).is_working_day(date(2026, 3, 16))
    assert calendar_of(foreign).is_working_day(date(2026, 3, 16))


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("opens", {"kind": "holiday", "opens": "09:00", "closes": "12:00"}),
        ("opens", {"kind": "short"}),
        ("closes", {"kind": "working_day", "opens": "09:00"}),
        ("closes", {"kind": "short", "opens": "12:00", "closes": "09:00"}),
        ("source", {"source": ""}),
        ("day", {"day": "2026-03-09"}),
    ],
)
def test_a_day_that_contradicts_itself_is_refused(field: str, changes: dict[str, str]) -> None:
    answer = of_oblast().post(page("offices_calendarday_add"), day_form(**changes))
    assert field in answer.context["adminform"].form.errors


def test_a_holiday_added_moves_the_due_date_of_an_open_clock_while_a_closed_one_stays(
    django_capture_on_commit_callbacks: Any,
) -> None:
    team = make_team()
    case = make_case(team, "E8", state="registered", at=FRIDAY)
    before = {clock.pk: (clock.stopped_at, clock.due_at) for clock in Clock.objects.filter(case=case)}
    overall = Clock.objects.get(case=case, kind="overall")
    assert overall.due_at.date() == date(2026, 3, 27)
    with django_capture_on_commit_callbacks(execute=True):
        of_oblast().post(page("offices_calendarday_add"), day_form(day="2026-03-17"))
    overall.refresh_from_db()
    case.refresh_from_db()
    assert overall.due_at.date() == date(2026, 3, 30)
    assert case.due_at == min(clock.due_at for clock in Clock.objects.filter(case=case, stopped_at=None))
    assert "2026-03-17" in str(overall.trace)
    closed = Clock.objects.filter(case=case).exclude(stopped_at=None)
    assert closed.exists()
    assert [(clock.stopped_at, clock.due_at) for clock in closed] == [before[clock.pk] for clock in closed]


def test_hours_that_change_move_the_clocks_of_that_office_only(django_capture_on_commit_callbacks: Any) -> None:
    shymkent, arys = make_team("south:shymkent"), make_team("south:arys")
    cases = [make_case(team, "E8", at=FRIDAY) for team in (shymkent, arys)]
    client = administrator("south:shymkent")
    data = office_form(client, "south:shymkent")
    data |= {name: "17:00" for name in data if name.endswith("-closes") and data[name]}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page("offices_office_change", shymkent.office.pk), data).status_code == 302
    ends = [Clock.objects.get(case=case, kind="overall").due_at + timedelta(hours=5) for case in cases]
    assert [end.strftime("%H:%M") for end in ends] == ["17:00", "18:00"]


def test_a_change_of_many_days_recounts_once(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Any] = []
    monkeypatch.setattr("applications.clock.recompute_open", runs.append)
    with django_capture_on_commit_callbacks(execute=True):
        for row in CalendarDay.objects.filter(office=None)[:5]:
            row.save()
    assert len(runs) == 1


# ------------------------------------------------------------------ staff


def staff_form(user: User | None = None, *roles: tuple[str, str], initial: int = 0, **fields: Any) -> dict[str, Any]:
    data = {"username": "g.nurgalieva", "last_name": "Нұрғалиева", "first_name": "Гүлшат", "is_active": "on"} | fields
    data |= {"memberships-TOTAL_FORMS": len(roles), "memberships-INITIAL_FORMS": initial}
    for number, (key, role) in enumerate(roles):
        data |= {f"memberships-{number}-office": office(key).pk, f"memberships-{number}-role": role}
    return data


def test_an_administrator_makes_an_account_and_hands_over_a_link_that_works_once() -> None:
    client = administrator("akmola:akkol")
    data = staff_form(None, ("akmola:akkol", "clerk"), patronymic="Қуанышқызы", post="маман")
    made = client.post(page("offices_user_add"), data)
    user = User.objects.get(username="g.nurgalieva")
    assert made.headers["Location"] == page("offices_user_password", user.pk)
    assert not user.has_usable_password()
    assert client.get(page("offices_user_password", user.pk)).context["link"] == ""
    link = client.post(page("offices_user_password", user.pk)).context["link"]
    person = Client()
    form = person.get(link, follow=True)
    chosen = {"new_password1": "үш қызыл алма 2026", "new_password2": "үш қызыл алма 2026"}
    assert person.post(form.redirect_chain[-1][0], chosen).status_code == 302
    user.refresh_from_db()
    assert user.check_password("үш қызыл алма 2026")
    assert "does not work" in Client(headers={"accept-language": "en"}).get(link).content.decode()


def test_no_permission_of_django_can_be_given() -> None:
    client = administrator("akmola:akkol")
    data = staff_form(None, ("akmola:akkol", "clerk"), is_superuser="on", is_staff="on", user_permissions="1")
    client.post(page("offices_user_add"), data)
    user = User.objects.get(username="g.nurgalieva")
    assert (user.is_superuser, user.is_staff, user.user_permissions.count()) == (False, False, 0)


def test_an_account_without_any_role_is_refused() -> None:
    answer = administrator("akmola:akkol").post(page("offices_user_add"), staff_form())
    assert "Give at least one role" in answer.content.decode()
    assert not User.objects.filter(username="g.nurgalieva").exists()


def test_no_role_is_given_in_a_foreign_office() -> None:
    answer = administrator("akmola:akkol").post(
        page("offices_user_add"), staff_form(None, ("akmola:arshaly", "administrator"))
    )
    assert answer.status_code == 200
    assert not User.objects.filter(username="g.nurgalieva").exists()


def test_only_an_oblast_body_names_observers_because_they_see_the_whole_oblast() -> None:
    data = staff_form(None, ("akmola:akkol", "observer"))
    assert administrator("akmola:akkol").post(page("offices_user_add"), data).status_code == 200
    assert of_oblast().post(page("offices_user_add"), data).status_code == 302


def test_the_account_of_a_person_with_a_role_elsewhere_cannot_be_taken_over() -> None:
    user = make_staff("akmola:akkol", Role.CLERK).user
    make_staff("akmola:oblast", Role.ADMINISTRATOR, user=user)
    client = administrator("akmola:akkol")
    assert client.get(page("offices_user_change", user.pk)).status_code == 200
    assert client.post(page("offices_user_password", user.pk)).status_code == 404
    row = Membership.objects.get(user=user, office=office("akmola:akkol"))
    data = staff_form(user, ("akmola:akkol", "clerk"), initial=1, email="mine@example.kz", last_name="Х")
    data |= {"memberships-0-id": row.pk, "memberships-0-user": user.pk, "memberships-0-valid_to": "2026-01-31"}
    assert client.post(page("offices_user_change", user.pk), data).status_code == 302
    before = user.last_name
    user.refresh_from_db()
    row.refresh_from_db()
    assert (user.email, user.last_name, row.valid_to) == ("", before, date(2026, 1, 31))


def test_staff_of_a_foreign_office_are_not_there() -> None:
    stranger = make_staff("akmola:arshaly", Role.CLERK).user
    client = administrator("akmola:akkol")
    for name in ("change", "password", "history"):
        assert client.get(page(f"offices_user_{name}", stranger.pk)).status_code == 404
    assert stranger.last_name not in client.get(page("offices_user_changelist")).content.decode()
    role = Membership.objects.get(user=stranger)
    assert client.get(page("offices_membership_change", role.pk)).status_code == 404


def test_a_colleague_who_left_is_switched_off_at_the_next_request() -> None:
    user = make_staff("akmola:akkol", Role.CLERK).user
    theirs = browser(user)
    assert theirs.get(reverse("my_work")).status_code == 200
    client = administrator("akmola:akkol")
    data = filled(client.get(page("offices_user_change", user.pk)).context)
    del data["is_active"]
    assert client.post(page("offices_user_change", user.pk), data).status_code == 302
    assert theirs.get(reverse("my_work")).status_code == 302


def test_an_order_of_substitution_is_entered_for_people_of_the_own_office() -> None:
    head, deputy = make_staff("akmola:akkol", Role.HEAD).user, make_staff("akmola:akkol", Role.EXECUTOR).user
    stranger = make_staff("akmola:arshaly", Role.EXECUTOR).user
    client, own = administrator("akmola:akkol"), office("akmola:akkol")
    order = {"order_number": "12-ж", "order_date": "2026-03-01", "office": own.pk, "absent": head.pk, "role": "head"}
    order |= {"valid_from": "2026-03-02", "valid_to": "2026-03-20"}
    assert client.post(page("offices_substitution_add"), order | {"deputy": stranger.pk}).status_code == 200
    wrong = client.post(page("offices_substitution_add"), order | {"deputy": deputy.pk, "role": "clerk"})
    assert "role" in wrong.context["adminform"].form.errors
    assert client.post(page("offices_substitution_add"), order | {"deputy": deputy.pk}).status_code == 302
    made = Substitution.objects.get()
    assert client.post(page("offices_substitution_delete", made.pk), {"post": "yes"}).status_code == 403


# ------------------------------------------------------------------ editions


def test_an_administrator_switches_an_edition_of_his_office_on_and_off() -> None:
    client, own = administrator("south:shymkent"), office("south:shymkent")
    rows = client.get(page("services_editionuse_changelist")).context["cl"].formset
    assert {form.instance.office_id for form in rows.forms} == {own.pk}
    data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": rows.forms[0].instance.pk, "_save": "1"}
    assert client.post(page("services_editionuse_changelist"), data).status_code == 302
    assert not EditionUse.objects.get(pk=rows.forms[0].instance.pk).in_use


def test_a_foreign_office_keeps_its_editions() -> None:
    foreign = EditionUse.objects.filter(office=office("south:arys")).first()
    client = administrator("south:shymkent")
    data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": foreign.pk, "_save": "1"}
    client.post(page("services_editionuse_changelist"), data)
    foreign.refresh_from_db()
    assert foreign.in_use
    assert client.get(page("services_editionuse_change", foreign.pk)).status_code == 404


def test_an_edition_is_read_only_whoever_looks() -> None:
    edition = Edition.objects.first()
    client = of_oblast()
    assert client.get(page("services_edition_change", edition.pk)).status_code == 200
    assert client.post(page("services_edition_change", edition.pk), {"short": "X"}).status_code == 403
    assert client.post(page("services_edition_delete", edition.pk), {"post": "yes"}).status_code == 403


def test_a_person_without_a_role_can_be_found_by_nobody() -> None:
    stray = make_user()
    assert of_oblast().get(page("offices_user_change", stray.pk)).status_code == 404
