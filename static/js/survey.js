// The QR code of a notice leads to /survey/#NUMBER/CODE: the part after # never leaves the browser. It fills the form and is
// wiped from the address. On the tablet of a hall the page goes back to the start for the next visitor.

const [, number, code] = /^#(.+)\/([^/]+)$/.exec(decodeURI(location.hash)) ?? [];
const form = document.getElementById("survey-form");
if (form && number) {
  form.elements.number.value = number;
  form.elements.code.value = code;
  history.replaceState(null, "", location.pathname + location.search);
  form.querySelector("button").focus();
}
const done = document.querySelector("[data-back-to-start]");
if (done) setTimeout(() => location.replace(done.dataset.backToStart), 10_000);
