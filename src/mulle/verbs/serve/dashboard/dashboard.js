// Draws the dashboard: the form and its answer, traffic, versions, and drift.
(() => {
  "use strict";
  const words = JSON.parse(document.getElementById("data").textContent).words;
  const lang = document.documentElement.lang;
  const at = (id) => document.getElementById(id);
  const SVG = "http://www.w3.org/2000/svg";
  const EVERY = 5000;
  const ROOT = new URL("../", document.currentScript.src);  // a proxy may show the server elsewhere
  let form = null;
  let studied = "";

  // --- saying ---

  function element(tag, text, attributes = {}) {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  }

  function drawn(tag, attributes, text) {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function number(value, digits = 4) {
    if (value === null || value === undefined) return "–";
    return Number(value).toLocaleString(lang, { maximumSignificantDigits: digits });
  }

  function percent(share) {
    return (100 * share).toLocaleString(lang, { maximumFractionDigits: 1 }) + " %";
  }

  function plain(value) {
    if (value === null || value === undefined) return words.missing;
    return typeof value === "number" ? number(value) : String(value);
  }

  // --- asking ---

  async function ask(path, body) {
    const how = body === undefined ? {} : {
      method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" },
    };
    how.headers = { ...how.headers, "accept-language": lang };
    const response = await fetch(new URL(path, ROOT), how);
    if (response.status === 401) at("login").hidden = false;
    const answer = await response.json();
    if (!response.ok) throw Object.assign(new Error(answer.error.message), { error: answer.error });
    return answer;
  }

  at("login").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await ask("login", { key: at("key").value });
      at("login").hidden = true;
      at("key").value = "";
      begin();
    } catch {
      at("login-problem").textContent = words["key-wrong"];
    }
  });

  // --- trying a row ---

  function fieldOf(field, place) {
    const line = element("div", undefined, { class: "field" });
    const name = element("button", field.name, { type: "button", "aria-pressed": "false" });
    name.addEventListener("click", () => study(field.name));
    const input = element("input", undefined, {
      name: field.name, "aria-label": field.name, placeholder: words.missing,
      inputmode: field.storage === "number" ? "decimal" : "text",
    });
    input.value = field.usual === null ? "" : plainInput(field.usual);
    if (field.choices.length) {
      const list = element("datalist", undefined, { id: "choices" + place });
      for (const choice of field.choices) list.append(element("option", undefined, { value: choice }));
      input.setAttribute("list", list.id);
      line.append(list);
    }
    line.prepend(name, input);
    return line;
  }

  function plainInput(value) {
    return typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value);
  }

  function row() {
    const found = {};
    form.fields.forEach((field, place) => {
      const text = at("fields").children[place].querySelector("input").value.trim();
      const asNumber = field.storage === "number" && text !== "" && !isNaN(Number(text));
      found[field.name] = text === "" ? null : asNumber ? Number(text) : text;
    });
    return found;
  }

  function address() {
    return "models/" + encodeURIComponent(form.model) + "/predict";
  }

  async function predict() {
    try {
      const answer = await ask(address() + "?why=1", row());
      at("answer").replaceChildren(answerOf(answer), element("div", undefined, { id: "what-if" }),
        whyOf(answer.why));
      await tryOthers(answer);
    } catch (problem) {
      if (!problem.error) throw problem;
      at("answer").replaceChildren(refusalOf(problem.error));
    }
  }

  function refusalOf(error) {
    const box = element("div", undefined, { class: "refusal" });
    box.append(element("strong", words.refused), element("p", error.message), element("p", error.fix));
    return box;
  }

  function answerOf(answer) {
    const box = element("div");
    if (answer.probabilities === undefined) {
      box.append(element("p", form.target + " = " + number(answer.value, 6), { class: "label" }));
      return box;
    }
    box.append(element("p", form.target + " = " + plain(answer.label), { class: "label" }));
    const shares = Object.entries(answer.probabilities).sort((a, b) => b[1] - a[1]).slice(0, 12);
    box.append(bars(shares.map(([label, share]) => [label, share, percent(share)]), 1));
    return box;
  }

  function whyOf(parts) {
    const box = element("div");
    const shown = parts.filter((part) => part.change !== 0).slice(0, 10);
    if (!shown.length) return box;
    box.append(element("h3", words.why));
    const most = Math.max(...shown.map((part) => Math.abs(part.change)), 1e-12);
    const label = (part) => `${part.column}: ${plain(part.value)} (${words.usual} ${plain(part.usual)})`;
    const change = (part) => (part.change > 0 ? "+" : "−") +
      (form.labels.length ? percent(Math.abs(part.change)) : number(Math.abs(part.change), 3));
    box.append(bars(shown.map((part) => [label(part), part.change, change(part)]), most));
    return box;
  }

  function bars(rows, most) {
    const box = element("div", undefined, { class: "bars" });
    for (const [name, value, text] of rows) {
      const bar = element("span", undefined, { class: "bar" });
      const fill = element("i", undefined, value < 0 ? { class: "less" } : {});
      fill.style.width = (100 * Math.abs(value)) / most + "%";
      bar.append(fill);
      box.append(element("span", name), bar, element("output", text));
    }
    return box;
  }

  // --- what if ---

  function study(name) {
    studied = studied === name ? "" : name;
    for (const line of at("fields").children) {
      const button = line.querySelector("button");
      button.setAttribute("aria-pressed", button.textContent === studied);
    }
    predict();
  }

  async function tryOthers(answer) {
    const box = at("what-if");
    const field = form.fields.find((one) => one.name === studied);
    if (!field) {
      box.replaceChildren(element("p", words["what-if-hint"], { class: "hint" }));
      return;
    }
    const values = field.tried.length ? field.tried : field.choices.slice(0, 12);
    if (!values.length) return;
    const now = row();
    const rows = values.map((value) => ({ ...now, [field.name]: value }));
    const answers = (await ask(address(), rows)).predictions;
    const score = (one) => form.labels.length ? one.probabilities[String(answer.label)] : one.value;
    const scores = answers.map(score);
    const format = form.labels.length ? percent : (value) => number(value, 5);
    box.replaceChildren(element("h3", words["what-if"].replace("#", field.name)));
    if (field.tried.length) {
      box.append(curve(values, scores, now[field.name], format));
    } else {
      const most = Math.max(...scores.map(Math.abs), 1e-12);
      box.append(bars(values.map((value, i) => [value, scores[i], format(scores[i])]), most));
    }
  }

  function curve(x, y, here, format) {
    const box = { left: 56, right: 12, top: 10, bottom: 22, width: 640, height: 180 };
    const [lowX, highX] = [x[0], x[x.length - 1]];
    const [lowY, highY] = [Math.min(...y), Math.max(...y)];
    const across = (v) => box.left + (box.width - box.left - box.right) * share(v, lowX, highX);
    const up = (v) => box.height - box.bottom -
      (box.height - box.top - box.bottom) * share(v, lowY, highY);
    const svg = frame(box, [format(lowY), format(highY)], [number(lowX), number(highX)]);
    svg.append(drawn("path", { d: path(x.map((v, i) => [across(v), up(y[i])])) }));
    if (typeof here === "number" && here >= lowX && here <= highX) {
      const after = x.findIndex((v) => v >= here);
      const before = Math.max(0, after - 1);
      const between = share(here, x[before], x[after]);
      const value = y[before] + (y[after] - y[before]) * (after === before ? 0 : between);
      svg.append(drawn("circle", { cx: across(here), cy: up(value), r: 4 }));
    }
    return svg;
  }

  function share(value, low, high) {
    return high > low ? (value - low) / (high - low) : 0.5;
  }

  function path(points) {
    return points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  }

  function frame(box, ofY, ofX) {
    const svg = drawn("svg", { class: "line", viewBox: `0 0 ${box.width} ${box.height}`, role: "img" });
    const floor = box.height - box.bottom;
    svg.append(drawn("line", { class: "axis", x1: box.left, x2: box.width - box.right, y1: floor, y2: floor }));
    const say = (x, y, anchor, text) => drawn("text", { x, y, "text-anchor": anchor }, text);
    svg.append(say(box.left - 8, floor, "end", ofY[0]), say(box.left - 8, box.top + 8, "end", ofY[1]));
    svg.append(say(box.left, box.height - 6, "start", ofX[0]));
    svg.append(say(box.width - box.right, box.height - 6, "end", ofX[1]));
    return svg;
  }

  // --- traffic ---

  function overTime(title, samples, series) {
    const figure = element("figure");
    const box = { left: 48, right: 8, top: 10, bottom: 20, width: 360, height: 130 };
    const values = series.flatMap((name) => samples.map((one) => one[name] ?? 0));
    const most = Math.max(...values) || 1;
    const clock = (one) => new Date(1000 * one.at).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit" });
    const last = samples[samples.length - 1];
    const svg = frame(box, ["0", number(most, 3)], [clock(samples[0]), clock(last)]);
    svg.setAttribute("aria-label", title);
    const wide = box.width - box.left - box.right;
    const tall = box.height - box.top - box.bottom;
    series.forEach((name, place) => {
      const points = samples.map((one, i) => [
        box.left + (wide * i) / Math.max(1, samples.length - 1),
        box.height - box.bottom - (tall * (one[name] ?? 0)) / most,
      ]);
      svg.append(drawn("path", { d: path(points), ...(place ? { class: "second" } : {}) }));
    });
    const now = series.map((name) => number(last[name], 3)).join(" · ");
    figure.append(svg, element("figcaption", `${title}: ${now}`));
    return figure;
  }

  function showTraffic(samples) {
    if (!samples.some((one) => one.requests > 0)) {
      at("over-time").replaceChildren(element("p", words["no-traffic"], { class: "hint" }));
      return;
    }
    at("over-time").replaceChildren(
      overTime(words.requests, samples, ["requests"]),
      overTime(words.latency, samples, ["p50", "p99"]),
      overTime(words.errors, samples, ["refused", "failed"]),
    );
  }

  // --- versions ---

  function showVersions(models) {
    const table = element("table");
    const head = element("tr");
    const titles = ["model", "version", "alias", "trained", "score", "rows", "failures", "report"];
    const numbers = new Set(["score", "rows", "failures"]);
    for (const title of titles) {
      head.append(element("th", words[title], { scope: "col", ...(numbers.has(title) ? { class: "number" } : {}) }));
    }
    table.append(element("thead"), element("tbody"));
    table.tHead.append(head);
    for (const model of models) for (const one of model.versions) {
      table.tBodies[0].append(versionOf(model, one));
    }
    at("served").replaceChildren(table);
  }

  function versionOf(model, one) {
    const line = element("tr", undefined, one.version === model.default ? { class: "marked" } : {});
    const alias = one.aliases.join(", ") || (one.version === model.default ? words.default : "");
    const trained = one.created ? new Date(one.created).toLocaleString(lang) : "–";
    line.append(element("th", model.name, { scope: "row" }), element("td", one.version), element("td", alias));
    line.append(element("td", trained));
    const score = one.score === null ? "–" : `${one.metric} ${number(one.score)}`;
    for (const text of [score, number(one.rows, 9), number(one.failures, 9)]) {
      line.append(element("td", text, { class: "number" }));
    }
    const cell = element("td");
    if (one.report) cell.append(element("a", words.open, { href: new URL("reports/" + encodeURIComponent(model.name), ROOT) }));
    line.append(cell);
    return line;
  }

  function showState(state) {
    const bad = state.not_loaded;
    at("state").className = bad.length ? "bad" : "";
    at("state").textContent = bad.length
      ? words["not-loaded"] + " " + bad.map((one) => one.what).join(" ")
      : words.ready;
  }

  // --- drift ---

  function showDrift(models) {
    if (!models.some((one) => one.rows_counted)) {
        return;
    }
    at("moved").replaceChildren(...models.map(driftOf));
  }

  function driftOf(one) {
    const box = element("div", undefined, { class: "moved" });
    if (form && at("model").options.length > 1) box.append(element("h3", one.model));
    box.append(element("p", one.headline, { class: "headline " + one.status }));
    if (one.about) box.append(element("p", one.about));
    for (const text of one.scores) box.append(element("p", text));
    const since = one.since ? new Date(one.since).toLocaleString(lang) : "–";
    const rows = words["drift-rows"].replace("##", since).replace("#", number(one.rows_counted, 9));
    const about = element("p", rows + " ", { class: "hint" });
    if (one.share_counted !== null && one.share_counted < 0.995) {
      about.append(words["drift-sampled"].replace("#", percent(one.share_counted)) + " ");
    }
    const page = new URL("models/" + encodeURIComponent(one.model) + "/drift?format=html&lang=" + lang, ROOT);
    about.append(element("a", words["drift-page"], { href: page }));
    box.append(about);
    if (one.columns.length) box.append(movedColumns(one));
    return box;
  }

  function movedColumns(one) {
    const scroll = element("div", undefined, { class: "scroll", tabindex: "0" });
    const table = element("table");
    const head = element("tr");
    for (const title of ["column", "status", "score", "threshold", "reason"]) {
      const numbers = title === "score" || title === "threshold" ? { class: "number" } : {};
      head.append(element("th", words["drift-" + title], { scope: "col", ...numbers }));
    }
    table.append(element("thead"), element("tbody"));
    table.tHead.append(head);
    for (const column of one.columns) {
      const line = element("tr");
      const name = column.part ? words["drift-" + column.part] : column.name;
      line.append(element("th", name, column.part ? { scope: "row", class: "part" } : { scope: "row" }));
      line.append(element("td", words["drift-" + column.status], { class: "status " + column.status }));
      line.append(element("td", column.score === null ? "–" : percent(column.score), { class: "number" }));
      line.append(element("td", percent(column.threshold), { class: "number" }));
      line.append(element("td", column.reason, { class: "why" }));
      table.tBodies[0].append(line);
    }
    scroll.append(table);
    if (one.left) scroll.append(element("p", words["drift-more"].replace("#", one.left), { class: "hint" }));
    return scroll;
  }

  // --- beginning ---

  async function refresh() {
    try {
      const state = await ask("dashboard/state");
      showState(state);
      showTraffic(state.traffic);
      showVersions(state.models);
      showDrift(state.drift);
      return state;
    } catch (problem) {
      at("state").className = "bad";
      at("state").textContent = problem.error ? problem.message : words.gone;
      return null;
    }
  }

  async function choose(name) {
    form = await ask("dashboard/models/" + encodeURIComponent(name));
    studied = "";
    at("fields").replaceChildren(...form.fields.map(fieldOf));
    await predict();
  }

  async function begin() {
    const state = await refresh();
    if (!state) return;
    const names = state.models.map((model) => model.name);
    at("model").replaceChildren(...names.map((name) => element("option", name, { value: name })));
    at("moved").replaceChildren(element("p", words["no-drift"], { class: "hint" }));
    await choose(names[0]);
  }

  at("model").addEventListener("change", () => choose(at("model").value));
  at("row").addEventListener("submit", (event) => { event.preventDefault(); predict(); });
  at("row").addEventListener("change", (event) => { if (event.target.name) predict(); });
  at("row").addEventListener("reset", (event) => { event.preventDefault(); choose(form.model); });
  setInterval(refresh, EVERY);
  begin();
})();
