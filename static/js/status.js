// The QR code of a talon leads to /status/#NUMBER/CODE: the part after # never leaves the browser.
// It fills the form and is wiped from the address, so that it stays in no history.

const [, number, code] = /^#(.+)\/([^/]+)$/.exec(decodeURI(location.hash)) ?? [];
const form = document.getElementById("status-form");

if (form && number) {
  form.elements.number.value = number;
  form.elements.code.value = code;
  history.replaceState(null, "", location.pathname);
  form.querySelector("button").focus();
}
