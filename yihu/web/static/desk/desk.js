// What every page does in the browser. Without it all pages still work: links are links, forms are
// forms. Elements say by data attributes what they want.

/** Open and close the navigation on a phone. */
function side() {
  const nav = document.querySelector("[data-side]");
  const button = document.querySelector("[data-side-open]");
  button?.addEventListener("click", () => {
    const open = nav.toggleAttribute("data-open");
    button.setAttribute("aria-expanded", String(open));
  });
}

/** data-opens="id" opens that dialog, data-closes closes the one it stands in, data-back goes back,
    data-fills="id" puts the button's value into that field, data-unfolds="id" opens all topics of
    that part, or folds them where all are open. */
function clicks(event) {
  const from = event.target.closest("[data-opens],[data-closes],[data-back],[data-print],[data-fills],[data-unfolds]");
  if (!from) return;
  if (from.dataset.opens) document.getElementById(from.dataset.opens)?.showModal();
  if ("closes" in from.dataset) from.closest("dialog")?.close();
  if ("back" in from.dataset) history.back();
  if ("print" in from.dataset) print();
  if (from.dataset.unfolds) {
    const topics = [...document.querySelectorAll(`#${from.dataset.unfolds} > details`)];
    const open = topics.some((each) => !each.open);
    for (const each of topics) each.open = open;
  }
  if (from.dataset.fills) document.getElementById(from.dataset.fills).value = from.value;
}

/** "/" goes to the search field, here or on the page of households, unless somebody is typing. */
function keys(event) {
  const typing = event.target.closest("input,textarea,select,[contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const field = document.querySelector("[data-search], main input[type=search]");
  const list = document.querySelector("[data-search-page]");
  if (!field && list) location.assign(`${list.href}#search`);
  field?.focus();
  field?.select?.();
}

/** Arrows walk from the search field through its suggestions and back; Escape leaves them. */
function walk(event) {
  const here = event.target.closest("[data-suggests],[data-suggestion]");
  if (!here || !["ArrowDown", "ArrowUp", "Escape"].includes(event.key)) return;
  const field = document.querySelector("[data-suggests]");
  const found = [field, ...document.querySelectorAll("[data-suggestion]")];
  if (event.key === "Escape") {
    document.getElementById("suggestions").replaceChildren();
    return field.focus();
  }
  event.preventDefault();
  const step = event.key === "ArrowDown" ? 1 : -1;
  found[(found.indexOf(here) + step + found.length) % found.length].focus();
}

/** data-sends: a field that sends its form when it changes. data-all="name": checks all of a name. */
function changes(event) {
  const field = event.target;
  if (field.matches("[data-sends]")) field.form.requestSubmit();
  if (field.dataset.choice) chosen(field);
  if (field.dataset.all) {
    const boxes = document.querySelectorAll(`input[type=checkbox][name="${field.dataset.all}"]`);
    for (const box of boxes) box.checked = field.checked;
  }
}

/** data-choice="id": what the chosen option says of itself is shown, and that field begins so. */
function chosen(field) {
  const said = field.selectedOptions[0]?.dataset ?? {};
  for (const place of field.form.querySelectorAll("[data-shows]")) {
    place.textContent = said[place.dataset.shows] ?? "";
  }
  document.getElementById(field.dataset.choice).value = said.now ?? "";
}

/** data-narrows="id": of that list only options with these words, or under such a heading, are
    offered; where the chosen one is not among them, the first is chosen. */
function narrow(event) {
  if (!event.target.dataset?.narrows) return;
  const list = document.getElementById(event.target.dataset.narrows);
  const words = event.target.value.trim().toLowerCase();
  const options = [...list.options];
  const found = options.filter((option) =>
    `${option.parentElement.label ?? ""} ${option.text}`.toLowerCase().includes(words),
  );
  if (found.length && !found.includes(list.selectedOptions[0])) {
    found[0].selected = true;
    chosen(list);
  }
  for (const option of options) option.hidden = !found.includes(option) && !option.selected;
  for (const group of list.querySelectorAll("optgroup")) {
    group.hidden = [...group.children].every((option) => option.hidden);
  }
}

/** A form is sent once: what sends it rests until the page answers. data-stays: a file comes, and
    the page stays. */
function sent(event) {
  if (event.defaultPrevented || event.target.method === "get") return;
  if (event.submitter?.matches("[data-stays]")) return;
  setTimeout(() => {
    for (const button of event.target.querySelectorAll("button:not([type=button])")) {
      button.disabled = true;
    }
  });
}

/** Minutes after which a page asks whether its worker is still signed in before it sends a form. */
const SURE = 10;

/** A form filled for long: is its worker still signed in, and the server there? Else it waits, with
    all that was typed, and says what to do. */
async function ask(event) {
  const form = event.target;
  const { session, worker, sure = SURE } = document.body.dataset;
  if (!session || form.method !== "post" || event.defaultPrevented) return;
  if (performance.now() < sure * 60_000 || form.dataset.asked) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const why = await stopped(session, worker, form);
  if (why) return say(why);
  form.dataset.asked = "1";
  form.requestSubmit(event.submitter);
  delete form.dataset.asked;
}

/** Why a form cannot be sent now; "" where it can, and then it carries what it must carry now. */
async function stopped(session, worker, form) {
  try {
    const answer = await fetch(session, { cache: "no-store" });
    const found = await answer.json();
    if (found.worker !== worker) return found.worker ? "other" : "ended";
    const field = form.querySelector("[name=csrfmiddlewaretoken]");
    if (field) field.value = found.token;
    return "";
  } catch {
    return "offline";
  }
}

function say(why) {
  const dialog = document.getElementById("stopped");
  for (const part of dialog.querySelectorAll("[data-why]")) {
    part.hidden = !part.dataset.why.split(" ").includes(why);
  }
  dialog.showModal();
}

/** Charts, if the page has any: their library is loaded only then. */
async function charts(root) {
  if (root.querySelector("script[data-chart]")) (await import("./charts.js")).drawAll(root);
}

/** What scrolls sideways can be reached and scrolled by the keyboard. */
function scrolling() {
  for (const box of document.querySelectorAll(".table-wide, .answer .card")) {
    const wide = box.scrollWidth > box.clientWidth;
    if (wide) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

/** What an address points at, or in it what was just written, is where reading goes on, and what
    is read aloud. */
function arrive() {
  const to = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!to) return;
  const at = to.querySelector(".fact-new") ?? to;
  if (!at.matches("a[href],button,input,select,textarea,[tabindex]")) at.tabIndex = -1;
  if (at !== to) at.scrollIntoView({ block: "center", behavior: "instant" });
  at.focus({ preventScroll: true });
}

/** Escape folds the menu one stands in, and leaves one at its button. */
function leaves(event) {
  const menu = event.target.closest("details.acts[open]");
  if (event.key !== "Escape" || !menu || !phone.matches) return;
  menu.open = false;
  menu.querySelector("summary").focus();
}

/** data-folds: stands open, but on a phone is folded unless there is something to do in it
    (data-todo), or what the address points at; on paper it is open. */
function folds(narrow) {
  // Not `:target`: where the address leads is not known yet when this is read.
  const to = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (const each of document.querySelectorAll("details[data-folds]")) {
    const here = each.contains(to) || each.querySelector(".fact-new") !== null;
    each.open = !narrow || "todo" in each.dataset || here;
  }
}
const phone = matchMedia("(max-width: 640px)");
folds(phone.matches);
phone.addEventListener("change", () => folds(phone.matches));
addEventListener("beforeprint", () => folds(false));
addEventListener("afterprint", () => folds(phone.matches));

side();
scrolling();
addEventListener("resize", scrolling);
document.addEventListener("toggle", scrolling, true);
document.addEventListener("click", clicks);
document.addEventListener("keydown", keys);
document.addEventListener("keydown", walk);
document.addEventListener("keydown", leaves);
document.addEventListener("change", changes);
document.addEventListener("submit", ask, true);
document.addEventListener("submit", sent);
document.addEventListener("input", narrow);
for (const field of document.querySelectorAll("[data-narrows]")) {
  field.closest("[hidden]")?.removeAttribute("hidden");
}
// On a phone the tab one is on may lie beyond the edge.
for (const tab of document.querySelectorAll(".tabs a[aria-current]")) {
  const row = tab.closest("ul");
  row.scrollLeft += tab.getBoundingClientRect().left - row.getBoundingClientRect().left - 16;
}
document.addEventListener("htmx:afterSwap", (event) => {
  charts(event.target);
  scrolling();
});
// Back from another page: buttons that rested may be used again.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button:disabled:not([data-off])")) {
    button.disabled = false;
  }
});
if (location.hash === "#search") document.querySelector("[data-search]")?.focus();
// After the browser went there itself: it takes focus from all but the place it goes to.
else if (document.readyState === "complete") arrive();
else addEventListener("load", () => setTimeout(arrive));
charts(document);
