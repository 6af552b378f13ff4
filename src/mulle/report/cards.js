// Finds columns among many by name, kind and finding. Without it the page reads the same.
(() => {
  "use strict";
  const list = document.getElementById("cards");
  const cards = list ? [...list.children] : [];
  const finder = document.querySelector(".finder");
  const search = document.getElementById("find");
  const finding = document.getElementById("finding");
  const chips = finder ? [...finder.querySelectorAll("[data-kind]")] : [];
  const status = document.getElementById("found");
  const names = cards.map((card) => plain(card.querySelector("h3").textContent));
  let kinds = new Set();

  function plain(text) {
    return text.normalize("NFC").toLowerCase();
  }

  function choose() {
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    const code = finding ? finding.value : "";
    let shown = 0;
    cards.forEach((card, i) => {
      const fits =
        words.every((word) => names[i].includes(word)) &&
        (!kinds.size || kinds.has(card.dataset.kind)) &&
        (!code || (card.dataset.findings || "").split(" ").includes(code));
      card.hidden = !fits;
      shown += fits;
    });
    chips.forEach((chip) => chip.setAttribute("aria-pressed", kinds.has(chip.dataset.kind)));
    const said = shown ? status.dataset.all : status.dataset.none;
    status.textContent = said
      .replace("#", shown.toLocaleString("en"))
      .replace("#", cards.length.toLocaleString("en"));
  }

  function remember() {
    const said = new URLSearchParams();
    if (search.value) said.set("q", search.value);
    if (kinds.size) said.set("kind", [...kinds].join(" "));
    if (finding && finding.value) said.set("finding", finding.value);
    const text = said.toString();
    history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
  }

  function changed() {
    choose();
    remember();
  }

  function clear() {
    search.value = "";
    kinds = new Set();
    if (finding) finding.value = "";
    choose();
  }

  function arrive() {
    const hash = location.hash.slice(1);
    if (hash.includes("=")) {
      const said = new URLSearchParams(hash);
      search.value = said.get("q") || "";
      kinds = new Set((said.get("kind") || "").split(" ").filter(Boolean));
      if (finding) finding.value = said.get("finding") || "";
      choose();
      if (said.has("finding") || said.has("kind")) finder.scrollIntoView();
    } else if (/^c\d+$/.test(hash) && document.getElementById(hash)) {
      const card = document.getElementById(hash);
      if (card.hidden) clear();
      open(card);
      card.scrollIntoView();
      card.querySelector("summary").focus({ preventScroll: true });
    }
  }

  function open(card) {
    const details = card.querySelector("details");
    unpack(details);
    details.open = true;
  }

  // Where columns are many, what unfolds is kept as text until it is wanted.
  function unpack(details) {
    const text = details.querySelector(":scope > script");
    if (text) text.outerHTML = text.textContent;
  }

  function step(by) {
    const shown = cards.filter((card) => !card.hidden);
    const here = shown.indexOf(document.activeElement.closest("#cards > li"));
    const next = shown[here < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, here + by))];
    if (next) {
      const summary = next.querySelector("summary");
      summary.focus({ preventScroll: true });
      summary.scrollIntoView({ block: "nearest" });
    }
  }

  function pressed(event) {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    const inside = list.contains(event.target) && event.target.tagName === "SUMMARY";
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && event.target === search) {
      clear();
      remember();
    } else if (event.target === search && (event.key === "ArrowDown" || event.key === "Enter")) {
      event.preventDefault();
      step(0);
    } else if (!typing && event.key === "/") {
      event.preventDefault();
      finder.scrollIntoView({ block: "nearest" });
      search.focus();
    } else if (!typing && (event.key === "j" || (inside && event.key === "ArrowDown"))) {
      event.preventDefault();
      step(1);
    } else if (!typing && (event.key === "k" || (inside && event.key === "ArrowUp"))) {
      event.preventDefault();
      step(-1);
    }
  }

  // A large matrix tells the cell under the pointer.
  function tell(figure) {
    const data = JSON.parse(figure.querySelector("script").textContent);
    const readout = figure.querySelector(".readout");
    const picture = figure.querySelector("svg");
    picture.addEventListener("pointermove", (event) => {
      const box = picture.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * data.width - data.left;
      const y = ((event.clientY - box.top) / box.height) * (data.width - data.left);
      const side = (data.width - data.left) / data.names.length;
      const [i, j] = [Math.floor(y / side), Math.floor(x / side)];
      const row = data.values[i];
      if (!row || j < 0 || j >= row.length) return;
      const value = row[j] === null ? "–" : (row[j] / 100).toFixed(2).replace("-", "−");
      const sign = data.signs.length ? " " + data.signs[i][j] : "";
      readout.textContent = data.names[i] + " × " + data.names[j] + "  " + value + sign;
    });
  }

  if (list) {
    finder.hidden = false;
    list.addEventListener("toggle", (event) => unpack(event.target), true);
    search.addEventListener("input", changed);
    if (finding) finding.addEventListener("change", changed);
    chips.forEach((chip) =>
      chip.addEventListener("click", () => {
        const kind = chip.dataset.kind;
        kinds.delete(kind) || kinds.add(kind);
        changed();
      }),
    );
    document.addEventListener("keydown", pressed);
    window.addEventListener("hashchange", arrive);
    choose();
    arrive();
    window.addEventListener("load", () => setTimeout(arrive)); // the browser's own jump comes between
  }
  document.querySelectorAll(".heat:has([data-heat])").forEach(tell);
})();
