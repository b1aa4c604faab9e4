// The only script of our own on every page (a file, because the content policy allows no inline script).
// Pages work without it: it adds the libraries' behaviour to the elements that ask for it by data-module.

import {
  Button,
  CharacterCount,
  Checkboxes,
  createAll,
  ErrorSummary,
  NotificationBanner,
  Radios,
  SkipLink,
} from "govuk-frontend";

document.body.classList.add("js-enabled", "govuk-frontend-supported");

const components = [Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, Radios, SkipLink];

function start(scope) {
  for (const component of components) createAll(component, undefined, scope);
}

start(document);
document.addEventListener("htmx:afterSwap", (event) => start(event.target));
