// The board: rows stay where they are while somebody works on them, and one press acknowledges in place.

import { failed, held, insertAtOnceWhen, on, refresh, release, word } from "/static/live.js";
import { silence } from "/static/sound.js";

const CRITICAL = 4;
const more = document.getElementById("more");
const rowsOf = (part) => [...part.querySelectorAll("li[data-level]")];
const list = () => document.getElementById("open");

insertAtOnceWhen((old, fresh) => {
  const there = new Set(rowsOf(old).map((row) => row.id));
  return rowsOf(fresh).some((row) => Number(row.dataset.level) === CRITICAL && !there.has(row.id));
});

function offerHeld() {
  const waiting = held("open");
  const there = new Set(rowsOf(list()).map((row) => row.id));
  const n = waiting ? rowsOf(waiting).filter((row) => !there.has(row.id)).length : 0;
  more.hidden = !n;
  more.textContent = `+${n} ${word("more")}`;
}

// The tab says how many wait, for whoever looks at another one.
function retitle() {
  const n = rowsOf(held("open") ?? list()).filter((row) => row.dataset.waiting === "1").length;
  document.title = document.title.replace(/(?: \(\d+\))? · /, n ? ` (${n}) · ` : " · ");
}

on("swap", retitle);
on("swap", offerHeld);
more.addEventListener("click", () => release(true));

// Without leaving the page, so that the sound goes on; a refusal is shown by the incident's own page.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.closest("#open")) return;
  event.preventDefault();
  const button = form.querySelector("button");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true"); // not disabled: that would take the focus away
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (answer.type !== "opaqueredirect") { form.submit(); return; }
    failed(false);
    await refresh();
    release(true);
  } catch {
    button.removeAttribute("aria-disabled");
    failed(true);
  }
});

// Keys work inside the list only, so they disturb nobody who types or dictates elsewhere (WCAG 2.1.4).
document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("#open li");
  if (!row || event.ctrlKey || event.altKey || event.metaKey) return;
  const rows = rowsOf(list());
  const step = { j: 1, k: -1 }[event.key.toLowerCase()];
  if (step) rows[rows.indexOf(row) + step]?.querySelector("a").focus();
  if (event.key.toLowerCase() === "a") row.querySelector("form")?.requestSubmit();
  if (event.key.toLowerCase() === "s" && row.dataset.waiting === "1") silence(row);
});
