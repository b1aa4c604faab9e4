// Parts of a page that renew themselves: [data-live] is the address, [id] the part. When the connection is lost the part says
// that it may be old and asks on, more and more seldom; it comes back by itself. A call on the screen can sound.

const LONGEST_PAUSE = 30_000;
const screen = document.querySelector("[data-sound]");
let sound = null;

async function renew(part) {
  const answer = await fetch(part.dataset.live, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (!fresh) throw new Error("part missing");
  // Whoever is just pressing a button in the part is not disturbed.
  if (part.contains(document.activeElement)) return part;
  const called = fresh.dataset.stamp && fresh.dataset.stamp !== part.dataset.stamp;
  part.replaceWith(fresh);
  if (called && sound) sound.play().catch(() => {});
  return fresh;
}

function watch(part) {
  const pause = Number(part.dataset.liveSeconds) * 1000;
  let failures = 0;
  const turn = async () => {
    try {
      part = await renew(part);
      failures = 0;
    } catch {
      failures += 1;
    }
    part.classList.toggle("app-live--old", failures > 1);
    part.querySelectorAll(".app-live__old").forEach((note) => (note.hidden = failures < 2));
    setTimeout(turn, Math.min(pause * 2 ** Math.min(failures, 4), Math.max(pause, LONGEST_PAUSE)));
  };
  setTimeout(turn, pause);
}

document.querySelectorAll("[data-live]").forEach(watch);
document.querySelectorAll("[data-sound-button]").forEach((button) => {
  button.addEventListener("click", () => {
    sound = sound ? null : new Audio(screen.dataset.sound);
    button.setAttribute("aria-pressed", String(Boolean(sound)));
    // Browsers let a page sound only after somebody pressed something: this is that press.
    sound?.play().catch(() => {});
  });
});
