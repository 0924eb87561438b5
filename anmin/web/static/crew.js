// The crew's page: a new call sounds and is spoken; the screen stays on while there is one.

import { on } from "/static/live.js";
import "/static/sound.js";

const calls = () => [...document.querySelectorAll("article.call")];
let lock = null;

async function stayAwake() {
  if (!calls().length || lock || !navigator.wakeLock) return;
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => { lock = null; });
  } catch {
    lock = null; // not in the foreground or not allowed; the sound still works
  }
}

on("swap", stayAwake);
stayAwake();
