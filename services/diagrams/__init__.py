"""The diagram of an edition: one layout, from which come the drawing (SVG) and the exchange file (BPMN 2.0)."""

from services.diagrams.bpmn import as_bpmn
from services.diagrams.drawing import as_svg
from services.diagrams.layout import Diagram, diagram_of

__all__ = ["Diagram", "as_bpmn", "as_svg", "diagram_of"]
