// The station's voice: alarm, alert, fault and drill are four different sounds (R16); nothing switches it off.

import { on, word } from "/static/live.js";

const SILENT_MS = { 4: 2 * 60_000, other: 5 * 60_000 };
const EVERY_MS = 2500;
const bar = document.getElementById("sound-bar");
const audio = new AudioContext();
const silenced = new Map(JSON.parse(sessionStorage.getItem("silenced") ?? "[]"));
let lost = false;

const SOUNDS = {
  alarm: [[970, 0, 0.5], [630, 0.5, 0.5], [970, 1, 0.5], [630, 1.5, 0.5]],
  alert: [[660, 0, 0.25], [660, 0.45, 0.25]],
  fault: [[330, 0, 0.3], [247, 0.35, 0.3], [185, 0.7, 0.4]],
  drill: [[523, 0, 0.15], [659, 0.2, 0.15], [784, 0.4, 0.3]],
};

function play(name) {
  if (audio.state !== "running") return;
  for (const [frequency, start, length] of SOUNDS[name]) {
    const tone = audio.createOscillator(), gain = audio.createGain();
    tone.frequency.value = frequency;
    gain.gain.value = 0.2;
    tone.connect(gain).connect(audio.destination);
    tone.start(audio.currentTime + start);
    tone.stop(audio.currentTime + start + length);
  }
  navigator.vibrate?.(name === "alarm" ? [400, 200, 400] : 200);
}

const waiting = () => [...document.querySelectorAll('[data-waiting="1"]')];
const isSilenced = (row) => (silenced.get(row.dataset.incident) ?? 0) > Date.now();

function voice() {
  const loud = waiting().filter((row) => !isSilenced(row));
  const real = loud.filter((row) => row.dataset.drill === "0");
  if (real.some((row) => Number(row.dataset.level) >= 3)) return "alarm";
  if (real.length) return "alert";
  if (lost) return "fault";
  return loud.length ? "drill" : null;
}

function sing() {
  const name = voice();
  if (name) play(name);
  show();
}

function show() {
  bar.hidden = audio.state === "running";
  for (const button of document.querySelectorAll("[data-silence]")) {
    const row = button.closest("[data-waiting]");
    button.hidden = false;
    button.disabled = isSilenced(row);
    if (button.disabled) button.textContent = word("silenced");
  }
}

// This station, this incident, and not for long (R17).
export function silence(row) {
  silenced.set(row.dataset.incident, Date.now() + (SILENT_MS[row.dataset.level] ?? SILENT_MS.other));
  sessionStorage.setItem("silenced", JSON.stringify([...silenced].filter(([, until]) => until > Date.now())));
  show();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-silence]");
  if (button) silence(button.closest("[data-waiting]"));
});
for (const gesture of ["pointerdown", "keydown"])
  document.addEventListener(gesture, () => audio.state === "suspended" && audio.resume());
document.getElementById("sound-on").addEventListener("click", async () => { await audio.resume(); play("drill"); });
audio.addEventListener("statechange", show);
on("lost", () => { lost = true; sing(); });
on("back", () => { lost = false; });
on("swap", show);
setInterval(sing, EVERY_MS);
sing();
