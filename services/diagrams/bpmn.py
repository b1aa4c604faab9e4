"""The diagram as BPMN 2.0 with its coordinates, for the modelers that jurists and analysts use."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from services.diagrams.layout import Diagram, Flow, Node

_BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_BPMNDI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
_DI: Final = "http://www.omg.org/spec/DD/20100524/DI"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_TAGS: Final = {"start": "startEvent", "task": "userTask", "decision": "exclusiveGateway", "end": "endEvent"}
_POOL_BAND: Final = 30  # the head of a pool, left of its lanes

for _prefix, _address in (("bpmn", _BPMN), ("bpmndi", _BPMNDI), ("dc", _DC), ("di", _DI), ("xsi", _XSI)):
    ET.register_namespace(_prefix, _address)


def as_bpmn(diagram: Diagram, code: str) -> str:
    """The exchange file of `diagram`; `code` of the edition names the process."""
    root = ET.Element(
        f"{{{_BPMN}}}definitions", {"id": f"definitions_{code}", "targetNamespace": f"urn:edition:{code}"}
    )
    pool = _add(root, _BPMN, "collaboration", id="collaboration")
    _add(pool, _BPMN, "participant", id="pool", name=diagram.title, processRef=f"process_{code}")
    process = _add(root, _BPMN, "process", id=f"process_{code}", name=diagram.title, isExecutable="true")
    _lanes(process, diagram)
    for node in diagram.nodes:
        _node(process, node, diagram.flows)
    for flow in diagram.flows:
        _flow(process, flow)
    _shapes(root, diagram)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add(parent: ET.Element, space: str, tag: str, text: str = "", **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{space}}}{tag}", attributes)
    child.text = text or None
    return child


def _lanes(process: ET.Element, diagram: Diagram) -> None:
    lanes = _add(process, _BPMN, "laneSet", id="lanes")
    for number, lane in enumerate(diagram.lanes):
        row = _add(lanes, _BPMN, "lane", id=f"lane{number + 1}", name=lane.name)
        for node in diagram.nodes:
            if node.lane == number:
                _add(row, _BPMN, "flowNodeRef", node.key)


def _node(process: ET.Element, node: Node, flows: list[Flow]) -> None:
    leaving = [flow for flow in flows if flow.source is node]
    attributes = {"id": node.key, "name": f"{node.text} [{node.term}]" if node.term else node.text}
    if node.kind == "decision" and len(leaving) > 1:
        attributes["default"] = next((flow.key for flow in leaving if not flow.condition), leaving[0].key)
    row = _add(process, _BPMN, _TAGS[node.kind], **attributes)
    if node.term:
        _add(row, _BPMN, "documentation", node.term)
    for flow in flows:
        if flow.target is node:
            _add(row, _BPMN, "incoming", flow.key)
    for flow in leaving:
        _add(row, _BPMN, "outgoing", flow.key)


def _flow(process: ET.Element, flow: Flow) -> None:
    attributes = {"id": flow.key, "sourceRef": flow.source.key, "targetRef": flow.target.key}
    row = _add(process, _BPMN, "sequenceFlow", **attributes, **({"name": flow.label} if flow.label else {}))
    if flow.condition:
        condition = _add(row, _BPMN, "conditionExpression", flow.condition)
        condition.set(f"{{{_XSI}}}type", "bpmn:tFormalExpression")


# ------------------------------------------------------------------ places


def _shapes(root: ET.Element, diagram: Diagram) -> None:
    page = _add(root, _BPMNDI, "BPMNDiagram", id="diagram")
    plane = _add(page, _BPMNDI, "BPMNPlane", id="plane", bpmnElement="collaboration")
    _shape(plane, "pool", (0, 0, diagram.width, diagram.height), isHorizontal="true")
    for number, lane in enumerate(diagram.lanes):
        place = (_POOL_BAND, lane.y, diagram.width - _POOL_BAND, lane.height)
        _shape(plane, f"lane{number + 1}", place, isHorizontal="true")
    for node in diagram.nodes:
        row = _shape(plane, node.key, (node.x, node.y, node.width, node.height))
        if node.kind == "decision":
            row.set("isMarkerVisible", "true")
        if node.kind != "task":
            _bounds(_add(row, _BPMNDI, "BPMNLabel"), node.label)
    for flow in diagram.flows:
        edge = _add(plane, _BPMNDI, "BPMNEdge", id=f"{flow.key}_edge", bpmnElement=flow.key)
        for x, y in flow.points:
            _add(edge, _DI, "waypoint", x=f"{x:g}", y=f"{y:g}")
        if flow.label:
            x, y = flow.label_at
            _bounds(_add(edge, _BPMNDI, "BPMNLabel"), (x, y - 11, 6.5 * len(flow.label), 14))


def _shape(plane: ET.Element, key: str, place: tuple[float, float, float, float], **attributes: str) -> ET.Element:
    row = _add(plane, _BPMNDI, "BPMNShape", id=f"{key}_shape", bpmnElement=key, **attributes)
    _bounds(row, place)
    return row


def _bounds(parent: ET.Element, place: tuple[float, float, float, float]) -> None:
    x, y, width, height = place
    _add(parent, _DC, "Bounds", x=f"{x:g}", y=f"{y:g}", width=f"{width:g}", height=f"{height:g}")
