"""`manage.py replay`: what other norms, days or hours would have made of cases that have ended. Stores nothing."""

import json
from dataclasses import asdict, replace
from datetime import date, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from applications.replay import OVERALL, Draft, Outcome, draft_of
from applications.replay import replay as count
from offices.calendars import Change
from offices.models import Office
from offices.worktime import DayHours, DayKind, DayRule
from services.deadlines import Norm, parse_norm
from services.models import Edition, Step
from services.queries import steps_of

_TRIED = {"kk": "Сынақ", "ru": "Проба", "en": "Trial"}


class Command(BaseCommand):
    """The same counting that sets the clocks of cases, over the recorded starts and stops of a past period."""

    help = 'Try a draft on the past: replay south-2012-370-4 --from 2026-01-01 --to 2026-12-31 --norm "overall=5 working_day"'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="code of the edition whose cases are counted")
        parser.add_argument("--from", dest="start", required=True, type=_day)
        parser.add_argument("--to", dest="end", required=True, type=_day)
        parser.add_argument("--office", action="append", help="key of an office (several: repeat; none: all)")
        parser.add_argument(
            "--draft", dest="number", type=int, help="take norms and hours of this version of the edition"
        )
        parser.add_argument(
            "--norm", action="append", default=[], help='"overall=5 working_day" or "3=5 working_day" (step 3)'
        )
        parser.add_argument("--closed", action="append", default=[], type=_day, help="a day that would be off")
        parser.add_argument("--working", action="append", default=[], type=_day, help="a day that would be worked")
        parser.add_argument("--hours", help='hours of every working day, such as "09:00-18:00 13:00-14:00"')
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        editions = Edition.objects.filter(code=options["code"]).order_by("-version")
        edition = editions.filter(version=options["number"]).first() if options["number"] else editions.first()
        if edition is None:
            raise CommandError(f"no such edition: {options['code']} {options['number'] or ''}".rstrip())
        change = Change(self._rules(options), hours=self._hours(options["hours"]))
        draft = draft_of(edition, change) if options["number"] else Draft(change=change)
        for text in options["norm"]:
            draft = self._with(draft, text, {step.no: step for step in steps_of(edition)})
        start, end = options["start"], options["end"]
        outcome = count(draft, code=edition.code, offices=self._offices(options["office"]), start=start, end=end)
        self._say(outcome, as_json=options["json"])

    def _offices(self, keys: list[str] | None) -> list[int]:
        offices = Office.objects.filter(key__in=keys) if keys else Office.objects.all()
        if unknown := set(keys or ()) - {office.key for office in offices}:
            raise CommandError(f"no office has the key {', '.join(sorted(unknown))}")
        return [office.pk for office in offices]

    def _rules(self, options: dict[str, Any]) -> tuple[DayRule, ...]:
        closed = [DayRule(day, DayKind.CLOSED, _TRIED, "replay") for day in options["closed"]]
        return (*closed, *(DayRule(day, DayKind.WORKING_DAY, _TRIED, "replay") for day in options["working"]))

    def _hours(self, text: str | None) -> DayHours | None:
        if not text:
            return None
        try:
            spans = [tuple(time.fromisoformat(clock) for clock in span.split("-")) for span in text.split()]
            (opens, closes), *lunch = spans
            return DayHours(opens, closes, lunch[0] if lunch else None)  # type: ignore[arg-type]
        except ValueError as problem:
            raise CommandError(f'"{text}" is no hours such as "09:00-18:00 13:00-14:00": {problem}') from problem

    def _with(self, draft: Draft, text: str, steps: dict[int, Step]) -> Draft:
        key, _sign, norm = text.partition("=")
        try:
            parsed: Norm = parse_norm(norm)
            if key == OVERALL:
                return replace(draft, overall={"any": parsed})
            return replace(draft, steps={**draft.steps, steps[int(key)].transition: parsed})
        except (ValueError, KeyError) as problem:
            raise CommandError(f'"{text}": say overall or the number of a step, = and a norm ({problem})') from problem

    def _say(self, outcome: Outcome, *, as_json: bool) -> None:
        tallies = {key: asdict(tally) for key, tally in outcome.tallies.items()}
        if as_json:
            line = outcome.indicator
            indicator = {"before": line.percent, "after": line.would_be_percent}
            self.stdout.write(json.dumps({"cases": outcome.cases, "indicator_1_1": indicator, "clocks": tallies}))
            return
        self.stdout.write(
            f"{outcome.cases} cases; 1.1: {_said(outcome.indicator.percent)} -> {_said(outcome.indicator.would_be_percent)}"
        )
        for key, row in tallies.items():
            words = (
                f"in time {row['in_time']} -> {row['would_be_in_time']}, late {row['late']} -> {row['would_be_late']}"
            )
            self.stdout.write(f"  {key}: {words}; became late {row['became_late']}, in time {row['became_in_time']}")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _said(percent: float | None) -> str:
    return "no data" if percent is None else f"{percent:.1f} %"
