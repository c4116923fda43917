// Tables of the page: by column, deflated, in base64 (see simcons/report/study/columns.py). Each is opened when it is first asked for.

const opened = new Map();

/** A table of run number `run` as {n, names, columns}: arrays by column name. Empty where the page does not hold it. */
function table(run, name) {
  const key = `${run}/${name}`;
  if (!opened.has(key)) opened.set(key, open(document.getElementById(`data-${key}`)));
  return opened.get(key);
}

/** True if the page holds such a table of a run. */
function holds(run, name) {
  return document.getElementById(`data-${run}/${name}`) !== null;
}

async function open(element) {
  if (!element) return { n: 0, names: [], columns: {} };
  const packed = await unpacked(element.textContent);
  const columns = Object.fromEntries(packed.columns.map((column) => [column.name, cells(column)]));
  return { n: packed.n, names: packed.columns.map((column) => column.name), columns };
}

async function unpacked(text) {
  if (!window.DecompressionStream) throw new Error("This browser is too old to open the details of this page.");
  const bytes = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

function cells(column) {
  if (column.words) return column.codes.map((code) => (code === null ? null : column.words[code]));
  if (!column.steps) return column.values;
  let time = 0;
  return column.steps.map((step) => (step === null ? null : (time += step) / 100));
}

/** The rows of a table whose `column` is `value`, as objects. The first call for a column makes its index. */
function rows(from, column, value) {
  from.indexes ??= {};
  from.indexes[column] ??= indexed(from, column);
  return (from.indexes[column].get(value) ?? []).map((place) => row(from, place));
}

function indexed(from, column) {
  const index = new Map();
  (from.columns[column] ?? []).forEach((value, place) => {
    if (!index.has(value)) index.set(value, []);
    index.get(value).push(place);
  });
  return index;
}

function row(from, place) {
  return Object.fromEntries(from.names.map((name) => [name, from.columns[name][place]]));
}

function allRows(from) {
  return Array.from({ length: from.n }, (_, place) => row(from, place));
}

/** A table as CSV: missing is an empty cell, an empty text is "", a list is JSON. */
function csv(from) {
  const lines = [from.names.map(cell).join(",")];
  for (let place = 0; place < from.n; place += 1) {
    lines.push(from.names.map((name) => cell(from.columns[name][place])).join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

function cell(value) {
  if (value === null) return "";
  if (Array.isArray(value)) return `"${JSON.stringify(value).replaceAll('"', '""')}"`;
  return typeof value === "string" && /^$|[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value);
}
