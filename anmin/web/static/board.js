// The board: what is new is spoken and sounded; rows stay where they are while somebody works on them.

import { held, insertAtOnceWhen, on, refresh, release, speak, word } from "/static/live.js";
import { silence } from "/static/sound.js";

const CRITICAL = 4, LOUD = 3;
const more = document.getElementById("more");
const rowsOf = (part) => [...part.querySelectorAll("li[data-level]")];
const list = () => document.getElementById("open");
let known = new Set(rowsOf(list()).map((row) => row.id));

insertAtOnceWhen((old, fresh) => {
  const there = new Set(rowsOf(old).map((row) => row.id));
  return rowsOf(fresh).some((row) => Number(row.dataset.level) === CRITICAL && !there.has(row.id));
});

function announce() {
  const rows = rowsOf(held("open") ?? list());
  const fresh = rows.filter((row) => !known.has(row.id));
  known = new Set(rows.map((row) => row.id));
  if (!fresh.length) return;
  fresh.sort((a, b) => b.dataset.level - a.dataset.level);
  const highest = fresh[0];
  const text = fresh.length < 3 ? fresh.map((row) => row.dataset.say).join(" ")
    : word("many", { n: fresh.length, level: highest.dataset.say.split(" ").slice(0, 2).join(" ") });
  speak(text, Number(highest.dataset.level) >= LOUD);
}

function offerHeld() {
  const waiting = held("open");
  const there = new Set(rowsOf(list()).map((row) => row.id));
  const n = waiting ? rowsOf(waiting).filter((row) => !there.has(row.id)).length : 0;
  more.hidden = !n;
  more.textContent = `+${n} ${word("more")}`;
}

on("swap", announce);
on("swap", offerHeld);
more.addEventListener("click", () => release(true));

// Without leaving the page, so that the sound goes on; a refusal is shown by the incident's own page.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.closest("#open")) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (answer.type !== "opaqueredirect") { form.submit(); return; }
    document.activeElement?.blur();
    await refresh();
  } catch {
    button.disabled = false;
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
