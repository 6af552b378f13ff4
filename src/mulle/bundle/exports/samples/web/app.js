// The page: a form of the model's columns, and its answer as soon as a value changes.
"use strict";

const $ = (id) => document.getElementById(id);
const languages = Object.keys(MODEL.words);
let lang = languages.find((one) => location.hash === "#" + one)
  || languages.find((one) => navigator.language.startsWith(one)) || MODEL.lang;
let session = null;
let running = null;

function made(tag, properties = {}, ...inside) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inside);
  return element;
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function field(column) {
  const id = "f-" + MODEL.asked.indexOf(column);
  const usual = typeof column.usual === "number" ? String(Number(column.usual.toPrecision(6)))
    : column.usual === null ? "" : String(column.usual);
  let input;
  if (column.kind === "boolean") {
    const options = ["", "1", "0"].map((value) => made("option", { value }));
    input = made("select", { id }, ...options);
    input.value = usual === "" ? "" : String(Number(column.usual));
  } else if (column.storage === "date") {
    input = made("input", { id, type: "datetime-local", step: 1, value: usual.replace(" ", "T") });
  } else {
    input = made("input", { id, type: "text", value: usual, autocomplete: "off", spellcheck: false });
    if (column.storage === "number") input.inputMode = "decimal";
    if (column.categories.length) {
      const list = made("datalist", { id: id + "-known" });
      list.append(...column.categories.map((value) => made("option", { value })));
      input.setAttribute("list", list.id);
      document.body.append(list);
    }
  }
  input.setAttribute("aria-describedby", id + "-wrong");
  return made("div", { className: "field" },
    made("label", { htmlFor: id, textContent: column.name }), input,
    made("small", { id: id + "-wrong", className: "wrong", role: "alert" }));
}

function row() {
  const values = {};
  MODEL.asked.forEach((column, i) => {
    const value = $("f-" + i).value;
    values[column.name] = value === "" ? null : value;
  });
  return values;
}

function translate() {
  const words = MODEL.words[lang];
  document.documentElement.lang = lang;
  document.title = $("title").textContent = words.title.replace("…", MODEL.target);
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = words[element.dataset.word];
  }
  for (const select of document.querySelectorAll("select[id^=f-]")) {
    [words.missing, words.yes, words.no].forEach((text, i) => (select.options[i].textContent = text));
  }
  for (const input of document.querySelectorAll("#form input")) input.placeholder = words.missing;
  for (const button of document.querySelectorAll("[data-lang]")) {
    button.setAttribute("aria-pressed", String(button.dataset.lang === lang));
  }
}

function shown(number) {
  return new Intl.NumberFormat(lang, { maximumSignificantDigits: 6 }).format(number);
}

function show(result) {
  const percent = new Intl.NumberFormat(lang, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  $("answer").textContent = result.probabilities ? String(result.label) : shown(result.value);
  const ordered = [...(result.probabilities || [])].sort((a, b) => b[1] - a[1]);
  $("probabilities").replaceChildren(...ordered.map(([label, probability]) =>
    made("tr", {},
      made("th", { scope: "row", textContent: label }),
      made("td", {}, made("meter", { min: 0, max: 1, value: probability })),
      made("td", { className: "number", textContent: percent.format(probability) }))));
}

function say(word, detail = "") {
  $("state").textContent = word ? MODEL.words[lang][word] + (detail ? " " + detail : "") : "";
}

async function predict() {
  if (!session) return;
  for (const element of document.querySelectorAll(".wrong")) element.textContent = "";
  try {
    show(await answer(ort, session, MODEL, row()));
    say("");
  } catch (error) {
    if (!error.column) return say("failed", String(error.message || error));
    const i = MODEL.asked.findIndex((column) => column.name === error.column);
    $(`f-${i}-wrong`).textContent = MODEL.words[lang][error.code];
    $("answer").textContent = "–";
    $("probabilities").replaceChildren();
  }
}

function soon() {  // one run after the other, the newest values last
  running = (running || Promise.resolve()).then(predict);
}

async function start() {
  $("form").append(...MODEL.asked.map(field));
  $("form").addEventListener("input", soon);
  $("languages").append(...languages.map((one) => {
    const button = made("button", { type: "button", textContent: { en: "English", ko: "한국어" }[one] });
    button.dataset.lang = one;
    button.onclick = () => { lang = one; translate(); soon(); };
    return button;
  }));
  $("version").textContent = MODEL.created.slice(0, 10) + " · " + MODEL.sha256.slice(0, 12);
  translate();
  if (typeof ort === "undefined") return say("runtime");
  say("loading");
  ort.env.wasm.numThreads = 1;  // threads need headers that a plain server does not send
  if (typeof RUNTIME !== "undefined") {  // embedded in ort.js, for a page opened as a file
    const script = new Blob([RUNTIME.mjs], { type: "text/javascript" });
    ort.env.wasm.wasmPaths = { mjs: URL.createObjectURL(script) };
    ort.env.wasm.wasmBinary = bytes(RUNTIME.wasm).buffer;
  } else {
    ort.env.wasm.wasmPaths = new URL(MODEL.runtime, document.baseURI).href;
  }
  try {
    session = await ort.InferenceSession.create(bytes(MODEL.graph));
  } catch (error) {
    return say(location.protocol === "file:" ? "served" : "failed", String(error.message || error));
  }
  soon();
}

start();
