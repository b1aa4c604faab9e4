// A talon prints itself on the tablet and makes room for the next visitor; on a clerk's page a button prints it.

document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => print()));
const slip = document.querySelector("[data-prints]");
if (slip) {
  addEventListener("load", () => {
    print();
    setTimeout(() => location.replace(slip.dataset.then), 15_000);
  });
}
