"""Where the acts of an edition stand in its diagram: units as lanes, time from left to right, refusal under grant.

A grid: a lane for each unit that works (in the order in which it first works), a column for each act of a path. The acts
before the decision come from table 1 and belong to both paths; then the main path takes the upper row of each lane and the
alternative path the lower one, so no line runs through a box. docs/decisions/0010-diagrams.md says why the grid is our own.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from django.utils.translation import gettext as _

from offices.text import current_language
from services.models import Edition, Step
from services.queries import path_acts, steps_of
from services.text import norm_words
from services.workflow import StepTransition, StructuralUnit

Path = Literal["main", "alternative"]
Kind = Literal["start", "task", "decision", "end"]
PATHS: Final[tuple[Path, ...]] = ("main", "alternative")
_TABLES: Final[dict[Path, int]] = {"main": 2, "alternative": 3}

BAND: Final = 132  # the head of a lane, left of everything
TASK_WIDTH: Final = 176
_SMALL: Final = 40  # events and gateways
_GAP: Final = 46  # between columns; the lines turn in it
_ROOM: Final = 22  # above and below a row
LINE: Final = 15  # height of a line of text
_LETTERS: Final = 23  # that fit into a task's width at 12 px
_CENTRE: Final = frozenset({StructuralUnit.CENTRE_INSPECTOR, StructuralUnit.CENTRE_ACCUMULATOR})


@dataclass
class Node:
    """A box, a diamond or a circle, with its place; `row` 0 is the main path, 1 the alternative, None the middle."""

    key: str
    kind: Kind
    lane: int
    column: int
    row: int | None
    text: str
    term: str = ""
    step: int | None = None
    x: float = 0
    y: float = 0
    width: float = _SMALL
    height: float = _SMALL
    lines: list[str] = field(default_factory=list)
    term_lines: list[str] = field(default_factory=list)

    @property
    def label(self) -> tuple[float, float, float, float]:
        """Where the name of an event or gateway stands (x, y, width, height): a gateway's above it, an event's below."""
        height = float(LINE * len(self.lines))
        top = self.y - height - 4 if self.kind == "decision" else self.y + self.height + 3
        return self.x + self.width / 2 - 42, top, 84.0, height

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass
class Flow:
    """A line from one node to another; `points` are its corners, `label` what makes it be taken."""

    key: str
    source: Node
    target: Node
    row: int | None = None
    label: str = ""
    condition: str = ""
    points: list[tuple[float, float]] = field(default_factory=list)

    @property
    def label_at(self) -> tuple[float, float]:
        """Where the first letter of its label stands: above a line that goes right, beside one that goes up or down."""
        (x, y), (next_x, next_y) = self.points[0], self.points[1]
        if abs(x - next_x) < 1:
            return x + 6, y + (16 if next_y > y else -8)
        if (
            self.source.row is not None and len(self.points) > 2
        ):  # a second line out of the same gateway: beside its turn
            return next_x + 5, y + (18 if self.points[2][1] > y else -24)
        return x + 3, y - 6

    @property
    def arrow(self) -> list[tuple[float, float]]:
        """The corners of the arrow head at its end."""
        (from_x, from_y), (x, y) = self.points[-2], self.points[-1]
        if abs(from_x - x) < 1:
            back = -9 if y > from_y else 9
            return [(x, y), (x - 4.5, y + back), (x + 4.5, y + back)]
        back = -9 if x > from_x else 9
        return [(x, y), (x + back, y - 4.5), (x + back, y + 4.5)]


@dataclass
class Lane:
    """A unit with its band of the diagram."""

    unit: str
    name: str
    rows: int = 1
    y: float = 0
    height: float = 0
    lines: list[str] = field(default_factory=list)


@dataclass
class Diagram:
    """Everything placed; sizes in pixels of the drawing."""

    title: str
    lanes: list[Lane]
    nodes: list[Node]
    flows: list[Flow]
    width: float = 0
    height: float = 0


def diagram_of(edition: Edition, path: Path | None = None) -> Diagram:
    """The diagram of `edition` in the page's language, of one path or (None) of both."""
    return _Draft(edition, PATHS if path is None else (path,)).placed()


class _Draft:
    """Takes the nodes and lines of an edition together, then gives each its place."""

    def __init__(self, edition: Edition, paths: Sequence[Path]) -> None:
        self.edition, self.paths = edition, paths
        self.steps = {step.transition: step for step in steps_of(edition)}
        units = dict.fromkeys(step.unit for step in self.steps.values())
        self.lanes = [Lane(unit, _unit_name(unit, self.steps.values())) for unit in units]
        self.nodes: list[Node] = []
        self.flows: list[Flow] = []

    def placed(self) -> Diagram:
        if self.steps:
            decision = self._common()
            for row, path in enumerate(self.paths):
                self._path(path, row if len(self.paths) > 1 else None, decision)
        _set_texts(self.nodes, self.lanes)
        diagram = Diagram(self.edition.name, self.lanes, self.nodes, self.flows)
        if self.nodes:
            _set_places(diagram)
        return diagram

    def _common(self) -> Node:
        """The steps before the decision, and the gateway that parts the paths."""
        steps = list(self.steps.values())
        before = list(itertools.takewhile(lambda step: step.transition != StepTransition.PREPARE, steps))
        decider = self.steps.get(StepTransition.PREPARE, steps[-1])
        last = self._node("start", (before or [decider])[0], 0, None, self._start_text(before))
        for column, step in enumerate(before, start=1):
            node = self._task(step, step.act, column, None)
            self._flow(last, node)
            if column > 1 and before[0].unit in _CENTRE and step.transition == StepTransition.REGISTER:
                self._flow(self._node("start", step, column - 1, None, _("Handed in at the department")), node)
            last = node
        decision = self._node("decision", decider, last.column + 1, None, _("Grant or refuse?"))
        self._flow(last, decision)
        return decision

    def _path(self, path: Path, row: int | None, decision: Node) -> None:
        """The acts of one path after the decision, up to its ends."""
        last, label = decision, str(_("grant") if path == "main" else _("refusal"))
        condition = 'decision == "refusal"' if path == "alternative" else 'decision == "grant"'
        for step, text in path_acts(self.edition, _TABLES[path], tuple(self.steps.values())):
            if step.transition == StepTransition.HAND_OUT_AT_CENTRE and last is not decision:
                last, label = self._where(path, last, row)
                condition = 'place == "centre"'
            node = self._task(step, text, last.column + 1, row)
            self._flow(last, node, row, label, condition)
            last, label, condition = node, "", ""
        self._flow(last, self._end(path, last, row), row, label, condition)

    def _where(self, path: Path, last: Node, row: int | None) -> tuple[Node, str]:
        """The gateway before handing out at a centre: what came to the department itself ends there."""
        step = next(step for step in self.steps.values() if step.unit == self.lanes[last.lane].unit)
        gateway = self._node("decision", step, last.column + 1, row, _("Where?"))
        self._flow(last, gateway, row)
        self._flow(gateway, self._end(path, gateway, row), row, str(_("at the department")))
        return gateway, str(_("at the centre"))

    def _end(self, path: Path, last: Node, row: int | None) -> Node:
        step = next(step for step in self.steps.values() if step.unit == self.lanes[last.lane].unit)
        text = _("Result handed over") if path == "main" else _("Refusal handed over")
        return self._node("end", step, last.column + 1, row, text)

    def _start_text(self, before: list[Step]) -> str:
        at_centre = bool(before) and before[0].unit in _CENTRE
        return _("Handed in at the centre") if at_centre else _("Application handed in")

    def _node(self, kind: Kind, step: Step, column: int, row: int | None, text: str) -> Node:
        lane = next(n for n, lane in enumerate(self.lanes) if lane.unit == step.unit)
        node = Node(f"n{len(self.nodes) + 1}", kind, lane, column, row, str(text))
        self.nodes.append(node)
        return node

    def _task(self, step: Step, text: str, column: int, row: int | None) -> Node:
        node = self._node("task", step, column, row, text)
        node.step, node.width, node.term = step.no, TASK_WIDTH, _term(step)
        return node

    def _flow(self, source: Node, target: Node, row: int | None = None, label: str = "", condition: str = "") -> None:
        self.flows.append(Flow(f"f{len(self.flows) + 1}", source, target, row, str(label), condition))


def _term(step: Step) -> str:
    """The norm of a step as the drawing says it: the act's own words in Kazakh, ours in other languages."""
    if step.term is None:
        return ""
    return step.norm_kk if current_language() == "kk" and step.norm_kk else norm_words(step.term.amount, step.term.unit)


def _unit_name(unit: str, steps: Iterable[Step]) -> str:
    """A unit's name: in Kazakh as table 1 first prints it, in other languages in today's words."""
    if current_language() == "kk":
        return next(step.unit_kk for step in steps if step.unit == unit)
    return str(StructuralUnit(unit).label)


# ------------------------------------------------------------------ places


def _set_texts(nodes: list[Node], lanes: list[Lane]) -> None:
    for node in nodes:
        node.lines = textwrap.wrap(node.text, _LETTERS if node.kind == "task" else 14)
        if node.kind == "task":
            node.term_lines = textwrap.wrap(node.term, _LETTERS - 2)
            node.height = LINE * (len(node.lines) + 1 + len(node.term_lines)) + 18
    for lane in lanes:
        lane.lines = textwrap.wrap(lane.name, 15)


def _set_places(diagram: Diagram) -> None:
    """Columns as wide as their widest node, rows as high as their highest one, each node in the middle of its cell."""
    lefts = _lefts(diagram)
    y = 0.0
    for number, lane in enumerate(diagram.lanes):
        own = [node for node in diagram.nodes if node.lane == number]
        rows = sorted({node.row for node in own if node.row is not None}) or [0]
        lane.y, lane.rows, lane.height = y, len(rows), _lane_height(lane, own, rows)
        share = lane.height / len(rows)
        for node in own:
            centre = y + lane.height / 2 if node.row is None else y + share * (rows.index(node.row) + 0.5)
            node.y = centre - node.height / 2
            left, width = lefts[node.column]
            node.x = left + (width - node.width) / 2
        y += lane.height
    diagram.height = y
    diagram.width = max(left + width for left, width in lefts.values()) + _GAP
    for flow in diagram.flows:
        flow.points = _points(flow)


def _lefts(diagram: Diagram) -> dict[int, tuple[float, float]]:
    """Column → its left edge and its width."""
    found, x = {}, float(BAND + 30)
    for column in range(max(node.column for node in diagram.nodes) + 1):
        kinds = {node.kind for node in diagram.nodes if node.column == column}
        width = TASK_WIDTH if "task" in kinds else 84
        found[column] = (x, float(width))
        x += width + _GAP
    return found


def _outer(node: Node) -> float:
    """The height that a node needs around its middle; the name of an event or gateway stands beyond it."""
    return node.height if node.kind == "task" else node.height + 2 * (LINE * len(node.lines) + 4)


def _lane_height(lane: Lane, own: list[Node], rows: list[int]) -> float:
    single = max((_outer(node) for node in own if node.row is None), default=0) + 2 * _ROOM
    each = max((_outer(node) for node in own if node.row is not None), default=0) + 2 * _ROOM
    return max(single, each * len(rows), LINE * len(lane.lines) + _ROOM)


def _points(flow: Flow) -> list[tuple[float, float]]:
    """The corners of a line: out at the right, through the gap before its target, in at the left."""
    source, target = flow.source, flow.target
    (sx, sy), (_tx, ty) = source.middle, target.middle
    start, end = (source.x + source.width, sy), (target.x, ty)
    if source.kind == "decision" and flow.row and source.row is None:
        # The refusal leaves the gateway downwards (or upwards), past the grant.
        corner = source.y + source.height if ty > sy else source.y
        return [(sx, corner), (sx, ty), end]
    if abs(sy - ty) < 1:
        return [start, (target.x, sy)]
    # Of two lines in one gap the refusal turns on the side where it does not cross the grant.
    side = 0 if flow.row is None else (7 if (flow.row == 1) == (ty < sy) else -7)
    turn = target.x - _GAP / 2 + side
    return [start, (turn, sy), (turn, ty), end]
