// Elements. Text of people and models only ever becomes a text node, with what would steer a display spelled out.

const UNSAFE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\u2028\u2029\ufff9-\ufffb]|[\u{e0000}-\u{e00ff}]|\p{Cs}/gu;

/** Text as it may be shown, as simcons.visible has it. */
function visible(text) {
  return String(text).replaceAll("\r\n", "\n").replace(UNSAFE, (character) => {
    const code = character.codePointAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
  });
}

/** An element. Attributes that are functions are listeners; null and false leave an attribute or a child out. */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== false).map(node));
  return element;
}

function node(child) {
  return child instanceof Node ? child : document.createTextNode(visible(child));
}

/** A table with a caption; the first cell of a row heads it. `numeric`: all other cells are set as numbers; `truth`: what the caption adds of the truth. */
function grid(caption, head, body, { numeric = true, truth = null } = {}) {
  const heads = head.map((name) => el("th", { scope: "col" }, name));
  const lines = body.map((line) => {
    const attributes = line.marked ? { class: "marked" } : {};
    const made = (line.cells ?? line).map((content, k) => (k ? el("td", {}, content) : el("th", { scope: "row" }, content)));
    return el("tr", attributes, made);
  });
  const made = el("table", { class: numeric ? "numbers" : null }, el("caption", {}, caption, truth && el("span", { class: "truth" }, truth)), el("thead", {}, el("tr", {}, heads)), el("tbody", {}, lines));
  return el("div", { class: "scroll", role: "region", "aria-label": visible(caption), tabindex: "0" }, made);
}

/** A `details` whose contents are made when it is first opened. */
function later(summary, make, attributes = {}) {
  const details = el("details", attributes, el("summary", {}, summary));
  details.addEventListener("toggle", () => details.open && !details.made && (details.made = true) && details.append(...[make()].flat()));
  return details;
}

function badge(text, kind = "") {
  return el("span", { class: `badge ${kind}` }, text);
}

function fixed(number, decimals = 2) {
  return number === null || number === undefined ? "–" : typeof number === "string" ? number : number.toFixed(decimals);
}

/** A name from a table in words, such as `ability to pay`. */
function words(name) {
  return name.replaceAll("_", " ");
}

function counted(n, noun) {
  return `${n.toLocaleString("en-GB")} ${noun}${n === 1 ? "" : "s"}`;
}

/** Seconds as 12:05, or 1:02:05. */
function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function options(select, entries) {
  select.replaceChildren(...entries.map(([value, label]) => el("option", { value }, label)));
}

/** A step to the entry before or after the chosen one of a select, as if a user had chosen it. */
function step(select, by) {
  const place = select.selectedIndex + by;
  if (place < 0 || place >= select.options.length) return;
  select.selectedIndex = place;
  select.dispatchEvent(new Event("change"));
}
