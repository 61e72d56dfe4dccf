// Keeps the page current without loading it again: focus, typed text and open parts stay.
"use strict";

const EVERY_MS = 1000;
const SLOWEST_MS = 10000;
const PATIENCE_MS = 8000;
const ADDRESS = "/sandbox/live";

const live = document.getElementById("live");
const said = document.getElementById("said");
const lost = document.getElementById("lost");
const pause = document.getElementById("pause");
const title = document.title;
const seen = new WeakSet();

let timer = 0;
let pauseMs = EVERY_MS;
let paused = false;
let generation = 0;

const isField = (node) => node instanceof HTMLInputElement || node instanceof HTMLSelectElement;

// An element is the same one if it has the same tag and the same id (or neither has one).
const isSame = (old, fresh) =>
  old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && (old.id || "") === (fresh.id || "");

function matchAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  const typed = isField(old) && old.type !== "hidden" && old.value !== old.defaultValue && old.value !== fresh.defaultValue;
  for (const { name, value } of fresh.attributes) {
    if (name === "open" || (name === "value" && typed)) continue;
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    if (name === "value" && isField(old) && old.value !== value) old.value = value;
  }
}

function match(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE || old.isEqualNode(fresh)) return;
  matchAttributes(old, fresh);
  if (old instanceof HTMLSelectElement) return;
  const atEnd = old.scrollTop + old.clientHeight >= old.scrollHeight - 4;
  matchChildren(old, fresh);
  if (atEnd && old.classList.contains("transcript")) old.scrollTop = old.scrollHeight;
}

function matchChildren(old, fresh) {
  const named = new Map();
  for (const child of old.children) if (child.id) named.set(child.id, child);
  let next = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const known = wanted.id ? named.get(wanted.id) : undefined;
    if (known !== undefined && isSame(known, wanted)) {
      // What stands in between is left over, or comes later; the one that is known must not move.
      while (next !== null && next !== known && !isAwaited(next, fresh)) {
        const gone = next;
        next = next.nextSibling;
        gone.remove();
      }
      if (next === known) next = next.nextSibling;
      else old.insertBefore(known, next);
      match(known, wanted);
    } else if (next !== null && !wanted.id && isSame(next, wanted)) {
      match(next, wanted);
      next = next.nextSibling;
    } else {
      old.insertBefore(wanted, next);
    }
  }
  while (next !== null) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

function isAwaited(node, fresh) {
  return Boolean(node.id) && [...fresh.children].some((child) => child.id === node.id);
}

// A conversation that has just come up is read from its newest line.
function showNewest() {
  for (const lines of document.querySelectorAll(".talk .transcript")) {
    if (seen.has(lines)) continue;
    seen.add(lines);
    lines.scrollTop = lines.scrollHeight;
  }
}

function show(html) {
  const fresh = document.createElement("main");
  fresh.append(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  matchChildren(live, fresh);
  showNewest();
  const ringing = Number(document.getElementById("figures").dataset.ringing);
  document.title = ringing ? `(${ringing} ringing) ${title}` : title;
}

async function ask(address, options) {
  return fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS), ...options });
}

async function refresh() {
  clearTimeout(timer);
  const mine = ++generation;
  try {
    const answer = await ask(ADDRESS);
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    if (mine !== generation) return;
    show(html);
    lost.hidden = true;
    pauseMs = EVERY_MS;
  } catch {
    lost.hidden = mine !== generation && lost.hidden;
    pauseMs = Math.min(2 * pauseMs, SLOWEST_MS);
  }
  if (mine === generation) wait();
}

function wait() {
  clearTimeout(timer);
  if (!paused && !document.hidden) timer = setTimeout(refresh, pauseMs);
}

async function send(form, button) {
  const fields = new FormData(form, button);
  try {
    const answer = await ask(form.action, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/json" },
      redirect: "manual",
    });
    if (answer.type === "opaqueredirect") {
      said.textContent = button?.dataset.says ?? "Done";
      said.classList.remove("wrong");
      if ("reset" in form.dataset) form.reset();
    } else {
      const body = await answer.json();
      said.textContent = `Refused: ${body.message}`;
      said.classList.add("wrong");
    }
  } catch {
    said.textContent = "The sandbox did not answer; nothing may have changed";
    said.classList.add("wrong");
  }
  await refresh();
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  void send(event.target, event.submitter);
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else if (!paused) void refresh();
});

pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  if (paused) {
    generation += 1;
    clearTimeout(timer);
  } else void refresh();
});

pause.hidden = false;
showNewest();
wait();
