// @ts-check
// Single keys for what can be clicked: an element says its own key in data-key, so that no key can be
// shown that does nothing. They are silent while somebody types, and can be switched off.

const OFF = "remit-keys-off";
const off = () => localStorage.getItem(OFF) === "1";
const typing = (/** @type {Element | null} */ at) =>
  at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));

const sheet = /** @type {HTMLDialogElement | null} */ (document.querySelector("[data-keys-sheet]"));
const opener = /** @type {HTMLElement | null} */ (document.querySelector("[data-keys-open]"));
const ROWS = "[data-rows] > *, [data-spans] tbody tr";
const MOVES = { j: "Next row", k: "Previous row" };
const ALWAYS = { "?": "These keys" };

/** @returns {Map<string, HTMLElement>} */
function known() {
  const found = new Map();
  for (const element of document.querySelectorAll("[data-key]")) {
    found.set(element.getAttribute("data-key"), element);
  }
  return found;
}

/** @param {HTMLElement} element */
function name(element) {
  const labelled = element.getAttribute("aria-label") || element.closest("label")?.textContent;
  return (labelled || element.textContent || element.id || "").replace(/\s+/g, " ").trim();
}

function show() {
  const list = sheet?.querySelector("[data-keys-list]");
  if (!sheet || !list) return;
  list.replaceChildren();
  const rows = Object.entries(document.querySelector(ROWS) ? { ...MOVES, ...ALWAYS } : ALWAYS).concat([...known()].map(([key, element]) => [key, name(element)]));
  for (const [key, words] of rows) {
    const term = document.createElement("dt");
    const mark = document.createElement("kbd");
    mark.textContent = key;
    term.append(mark);
    const meaning = document.createElement("dd");
    meaning.textContent = words.replace(new RegExp(`\\s${key}$`), "");
    list.append(term, meaning);
  }
  sheet.showModal();
}

/** @param {number} step */
function move(step) {
  const rows = [...document.querySelectorAll(ROWS)];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.hasAttribute("data-at"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  rows[at]?.removeAttribute("data-at");
  next.setAttribute("data-at", "");
  next.querySelector("a")?.focus();
}

/** @param {HTMLElement} element */
function use(element) {
  const folded = element.closest("details:not([open])");
  if (folded instanceof HTMLDetailsElement) {
    folded.open = true;
    /** @type {HTMLElement | null} */ (folded.querySelector("textarea, input"))?.focus();
  } else if (typing(element) && !(element instanceof HTMLInputElement && element.type === "radio")) {
    element.focus();
  } else {
    element.click();
  }
}

let before = "";
document.addEventListener("keydown", (event) => {
  const inForm = typing(document.activeElement) && document.activeElement?.getAttribute("type") !== "radio";
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    /** @type {HTMLElement | null} */ (document.querySelector("[data-decide] button.main"))?.click();
    return;
  }
  if (off() || inForm || sheet?.open || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = known();
  const element = keys.get(`${before} ${event.key}`.trim()) || keys.get(event.key);
  before = event.key === "g" ? "g" : "";
  if (event.key === "?") show();
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (element) use(element);
  else return;
  event.preventDefault();
});

if (opener) {
  opener.hidden = false;
  opener.addEventListener("click", show);
}
const box = /** @type {HTMLInputElement | null} */ (sheet?.querySelector("[data-keys-switch]"));
if (box) {
  box.checked = !off();
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "0" : "1"));
}
