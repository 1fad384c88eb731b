(() => {
  const root = document.documentElement, find = document.getElementById("find"), found = document.getElementById("found");
  const entries = [...document.querySelectorAll("main .entry")];
  const words = { zh: { find: "查找规则、指标、标准线……", hits: n => `${n} 处` }, en: { find: "Find a rule, fact or line …", hits: n => `${n} found` } };
  const keep = (key, value) => { try { localStorage.setItem(key, value); } catch { /* a page opened from a file may have no store */ } };
  const kept = key => { try { return localStorage.getItem(key); } catch { return null; } };

  const speak = lang => {
    root.lang = root.dataset.lang = lang;
    find.placeholder = words[lang].find;
    // Chinese labels are for Chinese readers; in English the names stand as they are written.
    const names = lang === "en" ? "written" : kept("yihu.names") || "labels";
    root.dataset.names = names;
    label(names);
    search();
  };
  const label = names => { document.querySelector("#names .zh").textContent = names === "labels" ? "显示原文" : "显示中文名"; };

  // The text of an entry is read when it is first searched: a large page opens at once.
  const text = new Map();
  const textOf = entry => text.get(entry) ?? text.set(entry, `${entry.id} ${entry.textContent}`.toLowerCase()).get(entry);
  const search = () => {
    const wanted = find.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let hits = 0;
    for (const entry of entries) {
      const hit = wanted.every(word => textOf(entry).includes(word));
      entry.classList.toggle("hidden", !hit);
      hits += hit;
    }
    const searching = wanted.length > 0;
    for (const group of document.querySelectorAll("main .group, main section"))
      group.classList.toggle("found-none", searching && !group.querySelector(".entry:not(.hidden)"));
    document.getElementById("nothing").hidden = !searching || hits > 0;
    found.textContent = searching ? words[root.dataset.lang].hits(hits) : "";
  };

  let waiting;
  find.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 120); });
  document.getElementById("lang").addEventListener("click", () => {
    const lang = root.dataset.lang === "zh" ? "en" : "zh";
    keep("yihu.lang", lang);
    speak(lang);
  });
  document.getElementById("names").addEventListener("click", () => {
    const names = root.dataset.names === "labels" ? "written" : "labels";
    root.dataset.names = names;
    keep("yihu.names", names);
    label(names);
  });
  // A link leads to an entry even while a search hides it or its list is folded.
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest(".hidden, .found-none")) { find.value = ""; search(); }
    if (target.tagName === "DETAILS") target.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  addEventListener("beforeprint", () => document.querySelectorAll("main details").forEach(d => { d.open = true; }));
  if (matchMedia("(max-width:900px)").matches) document.querySelector(".contents details").open = false;
  speak(kept("yihu.lang") || root.dataset.lang);
  open();
})();
