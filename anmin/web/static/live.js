// Keeps a page true: the server's clock, the age of what is shown, and the parts that changed.

const words = JSON.parse(document.body.dataset.words);
const main = document.getElementById("main");
const clock = document.getElementById("clock");
const bar = document.getElementById("stale");
const age = document.getElementById("age");
const offset = Number(clock.dataset.offsetMs);
const LATE = 10_000, STALE = 30_000;
const CONTROLS = "a,button,select,summary";

const shown = { nowMs: 0, asOfMs: 0, heardAt: performance.now(), digest: main.dataset.digest, lost: false };
const listeners = { swap: [], lost: [], back: [] };

export const on = (what, listener) => { listeners[what].push(listener); };
const tell = (what) => { for (const listener of listeners[what]) listener(); };
export const word = (name, fields = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => fields[key] ?? "");

const pad = (n) => String(n).padStart(2, "0");
const local = (ms) => !ms ? "--:--:--" : new Date(ms + offset).toISOString().slice(11, 19);
const span = (ms) => {
  const s = Math.max(0, Math.floor(ms / 1000));
  return `${pad(Math.floor(s / 3600))}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
};

// One sentence at a time; the node is emptied first so that a repeat is spoken too.
let spokenAt = -Infinity;
export function speak(text, urgent) {
  const assertive = urgent && performance.now() - spokenAt > 3000;
  if (assertive) spokenAt = performance.now();
  const node = document.getElementById(assertive ? "assertive" : "polite");
  node.textContent = "";
  requestAnimationFrame(() => { node.textContent = text; });
}

function tick() {
  const now = shown.nowMs + performance.now() - shown.heardAt;
  if (shown.nowMs) {
    clock.textContent = local(now);
    age.textContent = word("as_of", { at: local(shown.asOfMs) });
    for (const node of document.querySelectorAll("[data-since-ms]"))
      node.textContent = span(now - Number(node.dataset.sinceMs));
    for (const node of document.querySelectorAll("[data-as-of]"))
      node.textContent = node.dataset.asOf.replace("{at}", local(shown.asOfMs));
    for (const node of document.querySelectorAll("[data-due-ms]")) count(node, Number(node.dataset.dueMs) - now);
  }
  judge(now);
}

function count(node, left) {
  node.textContent = `${word(left < 0 ? "over" : "left")} ${span(Math.abs(left))}`;
  node.closest("li")?.classList.toggle("is-late", left < 0);
}

// How old is what we show, and is anybody there? (R19, R21)
function judge(now) {
  const silence = performance.now() - shown.heardAt;
  const old = shown.nowMs ? Math.max(now - shown.asOfMs, silence) : silence;
  const lost = silence > LATE;
  const state = old > STALE ? "stale" : old > LATE ? "late" : "fresh";
  for (const name of ["fresh", "late", "stale"]) document.body.classList.toggle(name, name === state);
  const at = shown.nowMs ? local(shown.asOfMs) : clock.textContent;
  const said = state === "fresh" ? "" : (lost ? `${word("lost")} · ` : "") + word(state, { at });
  if (bar.textContent !== said) bar.textContent = said;
  bar.className = `bar ${state}`;
  bar.hidden = !said;
  if (lost === shown.lost) return;
  shown.lost = lost;
  speak(word(lost ? "lost" : "back"), lost);
  tell(lost ? "lost" : "back");
}

// New parts go in place, but never under the pointer or the focus (R7), except where `insertAtOnceWhen` says so.
const pending = new Map();
const seen = new Map();
let urgentIn = () => false;
export const insertAtOnceWhen = (test) => { urgentIn = test; };
export const held = (id) => pending.get(id);

const signature = (part) => {
  const copy = part.cloneNode(true);
  for (const node of copy.querySelectorAll("[data-since-ms],[data-due-ms],[data-as-of]")) node.textContent = "";
  return copy.outerHTML;
};
const isBusy = (part) =>
  ("hold" in part.dataset && part.matches(":hover")) || part.contains(document.activeElement);

function offer(fresh) {
  const old = document.getElementById(fresh.id);
  const now = signature(fresh);
  if (!old || seen.get(fresh.id) === now) return;
  seen.set(fresh.id, now);
  if (isBusy(old) && !urgentIn(old, fresh)) {
    pending.set(fresh.id, fresh);
    for (const row of fresh.querySelectorAll("li[id]")) update(row);
  } else {
    place(old, fresh);
  }
}

// In its place a row may change; the one that somebody works on does so only when its level does.
function update(row) {
  const old = document.getElementById(row.id);
  if (!old) return;
  const touched = old.matches(":hover") || old.contains(document.activeElement);
  if (!touched || old.dataset.level !== row.dataset.level) put(old, row.cloneNode(true));
}

function place(old, fresh) {
  pending.delete(fresh.id);
  put(old, fresh);
}

function put(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.closest("[id]").id;
  const nth = focused ? [...document.getElementById(key).querySelectorAll(CONTROLS)].indexOf(focused) : -1;
  const opened = [...old.querySelectorAll("details")].map((each) => each.open);
  old.replaceWith(fresh);
  [...fresh.querySelectorAll("details")].forEach((each, i) => { each.open = opened[i] ?? false; });
  if (nth >= 0) document.getElementById(key)?.querySelectorAll(CONTROLS)[nth]?.focus({ preventScroll: true });
}

export function release(force = false) {
  for (const [id, fresh] of [...pending]) {
    const old = document.getElementById(id);
    if (old && (force || !isBusy(old))) place(old, fresh);
  }
  tell("swap");
  tick();
}

// What is new or says something else is spoken, also while its row is held back. Urgent is what nobody has
// taken and is new, worse or given up; the rest is told politely.
const LOUD = 3;
const sayings = () => new Map([...document.querySelectorAll("[data-live]")]
  .map((part) => pending.get(part.id) ?? part)
  .flatMap((part) => [part, ...part.querySelectorAll("[data-say]")])
  .filter((node) => node.dataset.say)
  .map((node) => [node.dataset.incident, { ...node.dataset, pill: node.querySelector(".pill")?.textContent }]));
let said = sayings();

function isUrgent(now, before) {
  if (now.waiting !== "1" || Number(now.level) < LOUD) return false;
  return !before || before.waiting !== "1" || Number(now.level) > Number(before.level);
}

function announce() {
  const before = said;
  said = sayings();
  const news = [...said.values()].filter((now) => before.get(now.incident)?.say !== now.say)
    .sort((a, b) => (b.level ?? 0) - (a.level ?? 0));
  if (!news.length) return;
  const fresh = news.filter((now) => !before.has(now.incident));
  const changed = news.filter((now) => before.has(now.incident)).map((now) => now.say);
  const told = fresh.length < 3 ? fresh.map((now) => now.say)
    : [word("many", { n: fresh.length, level: fresh[0].pill })];
  speak([...told, ...changed].join(" "), news.some((now) => isUrgent(now, before.get(now.incident))));
}
listeners.swap.push(announce);

// Something a person asked for did not arrive: it is said until the next thing works.
export function failed(yes) {
  const bar = document.getElementById("failed");
  bar.hidden = !yes;
  bar.textContent = yes ? word("not_sent") : "";
}

let fetching = false, again = false;
export async function refresh() {
  if (!main.dataset.fetch) return;
  if (fetching) { again = true; return; }
  fetching = true;
  try {
    const answer = await fetch(main.dataset.fetch, { redirect: "manual" });
    if (answer.status === 401 || answer.type === "opaqueredirect") { location.reload(); return; }
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const fresh of page.querySelectorAll("[data-live]")) offer(document.adoptNode(fresh));
    tell("swap");
    tick();
  } catch {
    // The stream is broken too then, and its silence is what people are told.
  } finally {
    fetching = false;
    if (again) { again = false; refresh(); }
  }
}

function connect() {
  const source = new EventSource(main.dataset.events ?? "/events");
  source.addEventListener("state", (event) => {
    const state = JSON.parse(event.data);
    Object.assign(shown, { nowMs: state.now_ms, asOfMs: state.as_of_ms, heardAt: performance.now() });
    if (shown.digest !== state.digest) refresh();
    shown.digest = state.digest;
    tick();
  });
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return;
    refresh();
    setTimeout(connect, 2000 + Math.random() * 2000);
  };
  addEventListener("pagehide", () => source.close(), { once: true });
}

for (const part of document.querySelectorAll("[data-live]")) seen.set(part.id, signature(part));
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
document.addEventListener("pointerout", () => pending.size && setTimeout(release, 50));
document.addEventListener("focusout", () => pending.size && setTimeout(release, 50));
setInterval(() => (pending.size ? release() : tick()), 500); // a node that was replaced under the pointer tells nobody
if (main.dataset.every) setInterval(() => document.hidden || refresh(), Number(main.dataset.every) * 1000);
connect();
