// The QR code of a prepared application leads to /prepare/#CODE: the part after # never leaves the browser.
// It fills the form and is wiped from the address, so that it stays in no history.

const code = decodeURIComponent(location.hash.slice(1));
const form = document.getElementById("code-form");

if (form && code) {
  form.elements.code.value = code;
  history.replaceState(null, "", location.pathname);
  form.querySelector("button").focus();
}
