// @ts-check
// A stretch of time chosen on a strip is two parts of the address: since and until.

/** @param {SVGSVGElement} strip */
function brush(strip) {
  const { base = "", from = "0", to = "0" } = strip.dataset;
  const begin = Number(from);
  const step = (Number(to) - begin) / 24;
  /** @type {number | null} */
  let start = null;
  const share = (/** @type {PointerEvent} */ event) => {
    const box = strip.getBoundingClientRect();
    return Math.min(0.9999, Math.max(0, (event.clientX - box.left) / box.width));
  };
  strip.addEventListener("pointerdown", (event) => {
    start = share(event);
    strip.setPointerCapture(event.pointerId);
  });
  strip.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const places = [start, share(event)].map((at) => Math.floor(at * 24)).sort((a, b) => a - b);
    start = null;
    const address = new URL(base, location.href);
    address.searchParams.set("since", new Date((begin + places[0] * step) * 1000).toISOString());
    address.searchParams.set("until", new Date((begin + (places[1] + 1) * step) * 1000).toISOString());
    location.assign(address);
  });
}

for (const strip of document.querySelectorAll("svg[data-base]")) brush(/** @type {SVGSVGElement} */ (strip));
