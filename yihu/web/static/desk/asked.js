// Fields of a form come and go as answers change, by the rulebook's own conditions. Without it all
// fields are there, each says when it is asked, and the desk judges what was sent.
import { holds, inner } from "../made/conditions.js";

/** Fields named when many come or go at once. */
const NAMED = 4;
const { conditions, facts, known } = JSON.parse(document.getElementById("asked-data").textContent);
const bar = document.querySelector("[data-asked]");
const form = bar.closest("form");
const fields = [...form.querySelectorAll("[data-fact]")];
const conditional = fields.filter((field) => field.dataset.fact in conditions);
const all = bar.querySelector("[data-asked-all]");

/** What is typed into a field, as the book would have it. */
function typed(field, fact) {
  if (fact.kind === "codes") {
    const keys = [...field.querySelectorAll("input:checked")].map((box) => box.value);
    return keys.length ? keys : null;
  }
  const text = field.querySelector("input,select").value.normalize("NFKC").trim();
  if (fact.kind === "yes_no") return text === "" ? null : text === "true";
  if (!["whole", "money", "number"].includes(fact.kind)) return text || null;
  const figures = text.replace(/[, ]/g, "");
  return /^[+-]?\d+(\.\d+)?$/.test(figures) ? Number(figures) : null;
}

function look(level, name) {
  const key = `${level}.${name}`;
  const here = fields.find((each) => each.dataset.fact === name && each.dataset.level === level);
  return inner(facts[key], here ? typed(here, facts[key]) : (known[key] ?? null));
}

/** Is something in it that must not disappear: an answer that stands, or one just typed? */
function filled(field) {
  const inputs = [...field.querySelectorAll("input,select")];
  return inputs.some((one) => (one.type === "checkbox" ? one.checked : one.value || one.placeholder));
}

const label = (field) => field.querySelector(".form-label").firstChild.textContent.trim();

/** Show what is asked and what has something in it; count the rest. */
function follow(speak) {
  const open = all.getAttribute("aria-expanded") === "true";
  const changed = { more: [], less: [] };
  let rest = 0;
  for (const field of conditional) {
    const idle = holds(conditions[field.dataset.fact], look) !== true;
    // What an address points at is what somebody came for.
    const meant = field.matches(":target") || field.querySelector(":target") !== null;
    const away = idle && !meant && !filled(field) && !field.contains(document.activeElement);
    if (idle !== field.hasAttribute("data-idle")) changed[idle ? "less" : "more"].push(label(field));
    field.toggleAttribute("data-idle", idle);
    // Where the desk has refused an answer, that says more than this.
    field.querySelector("[data-when]")?.toggleAttribute("hidden", !idle);
    field.hidden = away && !open;
    rest += away ? 1 : 0;
  }
  count(rest, open);
  if (speak) say(changed);
}

function count(rest, open) {
  const words = bar.querySelector("[data-asked-count]");
  words.textContent = words.dataset.words.replace("#", rest);
  all.textContent = open ? all.dataset.hide : all.dataset.show;
  bar.querySelector("[data-asked-rest]").hidden = rest === 0;
}

/** Read aloud what came and what went; the eye sees it where it happens. */
function say({ more, less }) {
  const parts = [];
  if (more.length) parts.push(bar.dataset.more + listed(more));
  if (less.length) parts.push(bar.dataset.less + listed(less));
  if (parts.length) bar.querySelector("[data-asked-said]").textContent = parts.join(" ");
}

/** The first names of a list; nobody listens to fourteen. */
function listed(names) {
  const rest = names.length > NAMED ? bar.dataset.many.replace("#", names.length) : "";
  return names.slice(0, NAMED).join(bar.dataset.comma) + rest;
}

all.addEventListener("click", () => {
  all.setAttribute("aria-expanded", String(all.getAttribute("aria-expanded") !== "true"));
  follow(false);
});
form.addEventListener("input", () => follow(true));
form.addEventListener("change", () => follow(true));
// A field is never taken from under somebody's hands: it goes when he has left it.
form.addEventListener("focusout", () => setTimeout(() => follow(true)));
// Back from another page the browser fills in what was typed.
addEventListener("pageshow", () => follow(false));
follow(false);
