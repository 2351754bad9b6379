"use strict";
// Looks for news every few seconds while the page is seen, and puts in what changed. Without it the page is complete too.
(() => {
  const seconds = Number(document.body.dataset.refresh);
  if (!(seconds > 0)) return;
  let timer = 0;
  let shown = "";

  const regions = (root) => root.querySelectorAll("[data-live]");

  function keep(from, to) {
    // What the reader opened stays open, and the keyboard stays where it was.
    const open = new Set([...from.querySelectorAll("details[open][id]")].map((one) => one.id));
    to.querySelectorAll("details[id]").forEach((one) => { one.open = open.has(one.id); });
  }

  function focusOf(root) {
    const active = document.activeElement;
    if (!active || !root.contains(active)) return null;
    const all = [...root.querySelectorAll("a, summary, [tabindex]")];
    return { href: active.getAttribute("href"), index: all.indexOf(active) };
  }

  function giveFocus(root, place) {
    if (!place) return;
    const all = [...root.querySelectorAll("a, summary, [tabindex]")];
    const same = place.href && all.find((one) => one.getAttribute("href") === place.href);
    (same || all[place.index])?.focus({ preventScroll: true });
  }

  async function look() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      const text = await answer.text();
      if (text !== shown && !window.getSelection().toString()) {
        shown = text;
        const news = new DOMParser().parseFromString(text, "text/html");
        const old = regions(document);
        const fresh = regions(news);
        if (old.length !== fresh.length) return location.reload();
        old.forEach((region, index) => {
          if (region.innerHTML === fresh[index].innerHTML) return;
          keep(region, fresh[index]);
          const place = focusOf(region);
          const boxes = [...region.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
          region.replaceChildren(...fresh[index].childNodes);
          region.querySelectorAll(".scroll").forEach((box, at) => { box.scrollLeft = boxes[at] || 0; });
          giveFocus(region, place);
        });
      }
      document.body.classList.remove("offline");
    } catch {
      document.body.classList.add("offline");
    }
    plan();
  }

  function plan() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(look, seconds * 1000);
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));
  plan();
})();
