// What the browser says when no security key has answered is for nobody to read: the page says it in words.

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("key-trouble").hidden = false;
});
