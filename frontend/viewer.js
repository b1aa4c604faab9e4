// The BPMN viewer: loaded only on a page that asks for it. The drawing on the page stays as it is without it.

import Viewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";

async function show(place) {
  const response = await fetch(place.dataset.bpmn);
  if (!response.ok) return;
  place.hidden = false;
  const viewer = new Viewer({ container: place });
  await viewer.importXML(await response.text());
  viewer.get("canvas").zoom("fit-viewport", "auto");
  document.querySelector("[data-bpmn-help]")?.removeAttribute("hidden");
  place.dataset.shown = "true";
}

document.querySelectorAll("[data-bpmn]").forEach(show);
