"""The diagram as SVG: with title and description for those who do not see it, lines and shapes that print in black."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from offices.text import current_language
from services.diagrams.layout import BAND, LINE, Diagram, Flow, Node


def as_svg(diagram: Diagram, *, key: str = "diagram") -> SafeString:
    """The drawing as one `<svg>`; `key` makes its ids the only ones of their page."""
    context = {
        "d": diagram,
        "key": key,
        "band": BAND,
        "size": (diagram.width + 1, diagram.height + 1),
        "language": current_language(),
        "description": description(diagram),
        "lanes": [
            {"lane": lane, "text": _stack(lane.lines, lane.y + lane.height / 2, centred=True)} for lane in diagram.lanes
        ],
        "tasks": [_task(node) for node in diagram.nodes if node.kind == "task"],
        "marks": [_mark(node) for node in diagram.nodes if node.kind != "task"],
        "flows": [_flow(flow) for flow in diagram.flows],
    }
    return render_to_string("services/diagram.svg", context)


def description(diagram: Diagram) -> str:
    """The diagram in words: which unit does what, within what time, on which path."""
    words = []
    for node in diagram.nodes:
        if node.kind == "task":
            path = "" if node.row is None else _("main path") if node.row == 0 else _("alternative path")
            parts = [f"{diagram.lanes[node.lane].name}: {node.text.rstrip(' .,')}", node.term, path]
            words.append(" — ".join(part for part in parts if part))
    return ". ".join(words) + "."


def _stack(lines: list[str], y: float, *, centred: bool = False) -> list[tuple[float, str]]:
    """Lines of text with the baseline of each; `y` is the top of the first, or the middle of all."""
    top = y - LINE * len(lines) / 2 if centred else y
    return [(top + LINE * n + 11.5, line) for n, line in enumerate(lines)]


def _task(node: Node) -> dict[str, Any]:
    return {
        "node": node,
        "number": (node.y + 8 + 11.5, node.step),
        "text": _stack(node.lines, node.y + 8 + LINE),
        "term": _stack(node.term_lines, node.y + 8 + LINE * (len(node.lines) + 1)),
        "dashed": node.row == 1,
    }


def _mark(node: Node) -> dict[str, Any]:
    x, y = node.middle
    half = node.width / 2
    return {
        "node": node,
        "x": x,
        "y": y,
        "radius": half - 2,
        "diamond": f"{x},{y - half} {x + half},{y} {x},{y + half} {x - half},{y}",
        "text": _stack(node.lines, node.label[1]),
    }


def _flow(flow: Flow) -> dict[str, Any]:
    return {
        "flow": flow,
        "points": _points(flow.points),
        "arrow": _points(flow.arrow),
        "label": flow.label_at,
        "dashed": flow.row == 1,
    }


def _points(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)
