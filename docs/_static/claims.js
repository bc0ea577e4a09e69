// Sorts and filters the table of claims. Without it the table stands complete, in the order of the claims.
(function () {
  "use strict";
  const table = document.getElementById("claims-table");
  if (!table) return;
  const claims = Array.from(table.querySelectorAll("tbody.claim"));
  const headings = Array.from(table.querySelectorAll("th[data-sort]"));
  const byText = new Intl.Collator("en", { numeric: true });
  const numeric = new Set(["met", "observed"]);
  const kinds = ["yes", "partly", "no", "open"]; // best first, then what is not judged

  function rank(claim) {
    return kinds.findIndex((kind) => claim.querySelector(".badge").classList.contains(kind));
  }

  function compare(key) {
    return function (a, b) {
      const [x, y] = key === "verdict" ? [rank(a), rank(b)] : [a.dataset[key], b.dataset[key]];
      return (key === "verdict" || numeric.has(key) ? x - y : byText.compare(x, y)) || claims.indexOf(a) - claims.indexOf(b);
    };
  }

  function sortBy(heading) {
    const descending = heading.getAttribute("aria-sort") === "ascending";
    headings.forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const sorted = claims.slice().sort(compare(heading.dataset.sort));
    table.append(...(descending ? sorted.reverse() : sorted));
  }

  headings.forEach((heading) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.addEventListener("click", () => sortBy(heading));
    heading.replaceChildren(button);
  });

  function labelled(text, element) {
    const label = document.createElement("label");
    label.append(text, element);
    return label;
  }

  function option(value, text) {
    return Object.assign(document.createElement("option"), { value, textContent: text });
  }

  const verdict = document.createElement("select");
  verdict.append(option("", "all verdicts"));
  new Set(claims.slice().sort(compare("verdict")).map((claim) => claim.dataset.verdict))
    .forEach((text) => verdict.append(option(text, text)));
  const words = Object.assign(document.createElement("input"), { type: "search", placeholder: "e.g. gradient" });
  const count = document.createElement("output");

  function filter() {
    const wanted = words.value.trim().toLowerCase();
    let shown = 0;
    claims.forEach((claim) => {
      const fits = (!verdict.value || claim.dataset.verdict === verdict.value)
        && claim.textContent.toLowerCase().includes(wanted);
      claim.hidden = !fits;
      shown += fits;
    });
    count.textContent = `${shown} of ${claims.length} claims`;
    document.getElementById("nothing").hidden = shown > 0;
  }

  verdict.addEventListener("change", filter);
  words.addEventListener("input", filter);
  const controls = document.getElementById("controls");
  controls.append(labelled("Show", verdict), labelled("with the words", words), count);
  controls.hidden = false;
  filter();

  // a link to a claim shows it, whatever the filter, with its conditions
  function reveal() {
    const claim = location.hash.startsWith("#claim-") && document.getElementById(location.hash.slice(1));
    if (!claim) return;
    claim.hidden = false;
    claim.querySelector("details").open = true;
    claim.scrollIntoView();
  }

  window.addEventListener("hashchange", reveal);
  reveal();
})();
