// The QR code of a new device leads to /hall/open/#CODE: the part after # never leaves the browser. It fills the form.

const code = decodeURIComponent(location.hash.slice(1));
const form = document.getElementById("open-form");
if (form && code) {
  form.elements.code.value = code;
  history.replaceState(null, "", location.pathname);
  form.querySelector("button").focus();
}
