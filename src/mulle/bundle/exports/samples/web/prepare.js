// One row as the graph takes it: the same as the bundle does for values that are written plainly.
// What is not written plainly in the notation of its column is refused here, never guessed.
"use strict";

const PLAIN = /^-?\d{1,15}(?:\.\d{1,15})?(?:[eE][-+]?\d{1,3})?$/;
const PLAIN_WITH_COMMA = /^-?\d{1,15}(?:,\d{1,15})?$/;
const MOMENT = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/;
const MISSING_STRING = "\ue000";
const MISSING_DATE = -(2n ** 63n);

// By column: a number (NaN: missing), a BigInt of microseconds since 1970, or a string.
// Throws {column, code} for what it cannot read.
function prepare(model, row) {
  const ready = {};
  for (const column of model.columns) {
    const value = cleaned(model, column, row[column.source || column.name]);
    ready[column.name] = { number: numberOf, date: dateOf, string: stringOf }[column.storage](column, value);
  }
  return ready;
}

function cleaned(model, column, value) {
  if (value === undefined || value === null) return null;
  if (typeof value !== "string") return value;
  if (column.repairs.includes("nfc")) value = value.normalize("NFC");
  if (column.repairs.includes("whitespace")) value = stripped(value, model.whitespace);
  if (column.repairs.includes("missing-token")) {
    if (column.missing.includes(value)) return null;
    if (column.notMissing.includes(value)) return value;
    if (model.missing.includes(value)) return null;
    if (column.storage !== "string" && model.none.includes(value)) return null;
  }
  return value;
}

function stripped(text, blanks) {
  let begin = 0, end = text.length;
  while (begin < end && blanks.includes(text[begin])) begin++;
  while (end > begin && blanks.includes(text[end - 1])) end--;
  return text.slice(begin, end);
}

function numberOf(column, value) {
  if (value === null) return NaN;
  const number = plainNumber(column, value);
  if (number === null) throw { column: column.source || column.name, code: "number" };
  const scaled = number * column.scale;
  if (!Number.isFinite(scaled)) return NaN;  // beyond all numbers: missing, as in the bundle
  return column.form === "limit-side" ? 0 : scaled;  // a plain number is no limit
}

// Times of the day are written with marks; so no plain number is one.
function plainNumber(column, value) {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") return value;
  if (column.form === "clock") return null;
  if (column.decimal === ",") return PLAIN_WITH_COMMA.test(value) ? Number(value.replace(",", ".")) : null;
  const grouped = column.thousands === "." && value.includes(".");
  return PLAIN.test(value) && !grouped ? Number(value) : null;
}

function dateOf(column, value) {
  if (value === null) return MISSING_DATE;
  const found = typeof value === "string" && MOMENT.exec(value);
  if (!found) throw { column: column.name, code: "date" };
  const [year, month, day, hour, minute, second] = found.slice(1).map((part) => Number(part ?? 0));
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  moment.setUTCHours(hour, minute, second);
  const same = [moment.getUTCFullYear(), moment.getUTCMonth() + 1, moment.getUTCDate()];
  if (same.join() !== [year, month, day].join() || hour > 23 || minute > 59 || second > 59 || year < 1) {
    throw { column: column.name, code: "date" };
  }
  return BigInt(moment.getTime()) * 1000n;
}

function stringOf(column, value) {
  if (value === null) return MISSING_STRING;
  const asNumber = column.form === "number";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number" || (asNumber && PLAIN.test(value))) {
    const number = Number(value);
    if (Math.abs(number) >= 1e15 || (number !== 0 && Math.abs(number) < 1e-4)) {
      throw { column: column.name, code: "text" };
    }
    return String(number + 0);
  }
  if (asNumber && /\d/.test(value)) throw { column: column.name, code: "text" };
  return value;
}

// What ONNX Runtime is fed: a tensor of shape [1, 1] for each column.
function tensors(ort, model, ready) {
  const feeds = {};
  for (const { name, storage } of model.columns) {
    const value = ready[name];
    feeds[name] = {
      number: () => new ort.Tensor("float64", Float64Array.of(value), [1, 1]),
      date: () => new ort.Tensor("int64", BigInt64Array.of(value), [1, 1]),
      string: () => new ort.Tensor("string", [value], [1, 1]),
    }[storage]();
  }
  return feeds;
}

// The answer: {label, probabilities: [[label, probability]...]}, or {value}.
async function answer(ort, session, model, row) {
  const out = await session.run(tensors(ort, model, prepare(model, row)));
  const scores = Array.from(out[model.output].data);
  if (!model.labels.length) return { value: scores[0] };
  const found = String(out[model.chosen].data[0]);
  const label = model.labels[model.graphLabels.indexOf(found)];
  return { label, probabilities: model.labels.map((one, i) => [one, scores[i]]) };
}

if (typeof module !== "undefined") module.exports = { prepare, tensors, answer };
