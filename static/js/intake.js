// Enter moves on through the registration form; in the IIN field it looks the person up. Without this script Enter looks up.
document.querySelectorAll("form[data-enter-moves-on]").forEach((form) => {
  // The person was just looked up: known or not, what comes next is the name.
  if (form.elements.iin.value && !document.querySelector(".govuk-error-summary")) form.elements.last_name.focus();
  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || field.tagName === "BUTTON" || field.tagName === "TEXTAREA" || field.name === "iin") return;
    event.preventDefault();
    const fields = Array.from(form.elements).filter((element) => element.type !== "hidden" && !element.disabled && element.checkVisibility());
    const next = fields[fields.indexOf(field) + 1];
    if (next) next.focus();
  });
});
