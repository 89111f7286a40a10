// @ts-check
// News as one polite sentence, at most every five seconds; nothing moves and nothing takes the focus.

const address = document.body.dataset.live;
const place = document.querySelector("[data-news]");
/** @type {EventSource | null} */
let stream = null;
/** @type {Record<string, number> | null} */
let first = null;
let said = 0;

/** @param {Record<string, number>} now */
function sentence(now) {
  if (!first) return "";
  const parts = [];
  if (now.new_runs) parts.push(`${now.new_runs === 100 ? "100 or more" : now.new_runs} new ${now.new_runs === 1 ? "run" : "runs"}`);
  if (now.open_cases !== first.open_cases) parts.push(`${now.open_cases} open ${now.open_cases === 1 ? "case" : "cases"} now`);
  if ("head" in now && now.head !== first.head) parts.push("this run went on");
  return parts.join(", ");
}

/** @param {MessageEvent} event */
function told(event) {
  const now = JSON.parse(event.data);
  first ??= now;
  const words = sentence(now);
  if (!words || !place || Date.now() - said < 5000) return;
  said = Date.now();
  const again = document.createElement("a");
  again.href = location.href;
  again.textContent = "Show";
  place.replaceChildren(`${words[0].toUpperCase()}${words.slice(1)}. `, again);
}

// A browser allows about six connections to one server: a page that nobody looks at lets its own go.
function follow() {
  if (document.visibilityState === "visible" && address && !stream) {
    stream = new EventSource(address);
    stream.onmessage = told;
  } else if (document.visibilityState !== "visible" && stream) {
    stream.close();
    stream = null;
  }
}

document.addEventListener("visibilitychange", follow);
addEventListener("pagehide", () => stream?.close());
follow();

for (const time of document.querySelectorAll("time[datetime]")) {
  const moment = new Date(/** @type {HTMLTimeElement} */ (time).dateTime);
  time.setAttribute("title", moment.toISOString().replace("T", " ").slice(0, 19) + " UTC");
  time.textContent = moment.toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });
}
