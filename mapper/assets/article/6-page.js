// The page: what the reader has chosen, the controls that choose it, and everything that follows from it.
const PACES = { slow: 1800, normal: 900, fast: 350 };
const SWITCHES = [
  "districts",
  "lines",
  "corridors",
  "roads",
  "peacekeepers",
  "overlays",
  "claims",
  "places",
  "water",
  "relief",
];
const MODES = ["best", "certain", "possible"];
const COMPARES = ["off", "swipe", "difference"];

// A frame without the right to its own origin, as ``sandbox="allow-scripts"`` makes it, may neither save files nor open
// windows; whoever embeds the page with those rights says so after the #.
function rights() {
  let isFree = true;
  try {
    void window.localStorage;
  } catch {
    isFree = false;
  }
  const framed = window.parent !== window;
  const allowed = (new URLSearchParams(window.location.hash.slice(1)).get("allow") || "").split(",");
  const may = (what) => isFree || !framed || allowed.includes(what);
  return {
    downloads: may("downloads"),
    popups: may("popups"),
    clipboard: isFree || !framed,
    address: window.location.protocol !== "about:",
  };
}

function start(data) {
  const page = document.documentElement;
  const words = makeWords(data);
  const record = makeRecord(data);
  const fill = makeLooks(data.style, byId("looks"));
  const may = rights();
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const chosen = {
    day: data.start,
    mode: "best",
    view: data.view,
    lang: data.lang,
    compare: "off",
    other: data.start,
    divider: 0.5,
    hidden: new Set(),
    group: null,
    moved: false,
  };
  let stops = record.stops(chosen.mode);
  let timer = null;

  page.classList.add("live");
  document.querySelectorAll("[data-live]").forEach((one) => (one.hidden = false));
  const view = makeMap(data, record, words, fill);
  const dated = makeDated(data, record, view, byId("looks"));
  const chart = makeChart(data, record, words, fill, (day) => set({ day }));
  let removeNames = () => {};
  let tooltip = null;
  let selection = null;

  const frameOn = (day) => record.on(day, chosen.mode, chosen.view === "recognised" ? "recognised" : "de-facto");
  let frame = frameOn(chosen.day);

  // --- what follows from a choice ---

  function set(change) {
    const before = { ...chosen };
    Object.assign(chosen, change);
    chosen.day = Math.min(Math.max(chosen.day, 0), data.last);
    chosen.other = Math.min(Math.max(chosen.other, 0), data.last);
    const turned = ["mode", "view", "lang"].some((key) => before[key] !== chosen[key]);
    if (turned) prepare(before);
    step();
    tell();
  }

  function prepare(before) {
    words.use(chosen.lang);
    stops = record.stops(chosen.mode);
    if (before.lang !== chosen.lang) translate();
    showTicks();
    chart.draw(chosen.mode);
  }

  // The part that must be quick: the map of a day.
  function step() {
    frame = frameOn(chosen.day);
    const isTwo = chosen.compare !== "off";
    const other = isTwo ? frameOn(chosen.other) : null;
    const faded = chosen.compare === "difference" ? frame.held.map((cls, group) => cls === other.held[group]) : null;
    view.setFrame(frame, faded);
    dated.forEach((one) => one.show(frame, isHidden(one.item.switch)));
    view.setSecond(chosen.compare === "swipe" ? other : null);
    view.setDivider(chosen.divider);
    showTime();
    showTexts(other);
  }

  function showTexts(other) {
    const entries = legendEntries(frame, record, words, fill);
    showLegend(entries, words, data.style.base);
    showLineLegend(frame, view, dated, hiddenNow(), data, words, fill);
    showDetail(chosen.group, frame, data, record, words, shownDated(), may.popups);
    showNotes(chosen.day, data, words);
    chart.mark(chosen.day);
    showCompared(other);
  }

  const isHidden = (name) =>
    chosen.hidden.has(name) || (name === "claims" && data.views.includes("claimed") && chosen.view !== "claimed");
  const shownDated = () => dated.filter((one) => !isHidden(one.item.switch));
  const hiddenNow = () => new Set(SWITCHES.filter(isHidden));

  // --- date ---

  const slider = byId("slider");
  const dateField = byId("date");

  function headline(day) {
    const last = record.lastChanges(day);
    if (!last.changes.length) return words.say("no-change");
    // What one party did on one day is one piece of news, wherever it happened.
    const news = new Map();
    last.changes.forEach((change) => {
      const key = `${change.kind} ${change.class}`;
      const one = news.get(key) || { change, places: [], more: 0, count: 0 };
      one.places.push(...change.places.filter((place) => !one.places.includes(place)));
      one.more += change.more || 0;
      one.count += 1;
      news.set(key, one);
    });
    const shown = [...news.values()].slice(0, 2);
    const rest = last.changes.length - shown.reduce((sum, one) => sum + one.count, 0);
    return [...shown.map(newsText), ...(rest > 0 ? [words.count("and-more", rest)] : [])].join("; ");
  }

  function newsText({ change, places, more }) {
    const named =
      more || places.length > 4
        ? words.count("n-districts", more + places.length)
        : places.map((place) => words.name(place)[0]).join(", ");
    const status = record.statusOf[change.class];
    const holder = words.say(`short-${record.controllerOf[change.class]}`);
    const controller = status === "held" || !status ? holder : `${holder}, ${words.status(status).split(" (")[0]}`;
    return words.say("headline", { place: named || "–", kind: words.say(`kind-${change.kind}`), controller });
  }

  function showTime() {
    const day = words.day(chosen.day);
    const title = words
      .say(chosen.view === "recognised" ? "title-recognised" : "title", { day: "\u0000" })
      .split("\u0000");
    byId("title").replaceChildren(make("span", "lead", title.join("").replace(/[:.\s]+$/, "")), make("time", "", day));
    document.title = words.say(chosen.view === "recognised" ? "title-recognised" : "title", { day });
    const last = record.lastChanges(chosen.day);
    const text = headline(chosen.day);
    const prefix = last.changes.length
      ? [make("b", "", words.say("last-change", { day: words.day(last.day) })), " "]
      : [];
    byId("headline").replaceChildren(...prefix, text);
    byId("reading").textContent = [words.say(`view-${chosen.view}`), words.say(`mode-${chosen.mode}`)].join(" · ");
    const at = Math.max(lastUpTo(stops, chosen.day), 0);
    slider.max = stops.length - 1;
    slider.value = at;
    slider.setAttribute("aria-valuetext", `${day}. ${text}`);
    dateField.value = words.iso(chosen.day);
    byId("previous").disabled = chosen.day <= stops[0];
    byId("next").disabled = chosen.day >= stops[stops.length - 1];
  }

  function go(way) {
    const at = lastUpTo(stops, chosen.day);
    if (way < 0) set({ day: stops[at] < chosen.day ? stops[at] : stops[Math.max(at - 1, 0)] });
    else set({ day: stops[Math.min(at + 1, stops.length - 1)] });
  }

  function showTicks() {
    const box = byId("ticks");
    const width = box.clientWidth || 300;
    const x = (index) => 10 + ((width - 20) * index) / Math.max(stops.length - 1, 1);
    const marks = stops.map((_, index) => `M${x(index).toFixed(1)},0v6`).join("");
    const parts = [svgElement("path", { d: marks })];
    let free = 0;
    let told = null;
    stops.forEach((day, index) => {
      const at = x(index);
      const year = words.year(day);
      if (year === told || at < free || at > width - 14) return;
      told = year;
      const anchor = at < 16 ? "start" : "middle";
      parts.push(svgElement("text", { x: anchor === "start" ? 0 : at, y: 19, "text-anchor": anchor }, String(year)));
      free = at + 38;
    });
    box.setAttribute("viewBox", `0 0 ${width} 22`);
    box.replaceChildren(...parts);
  }

  function play(on) {
    if (timer) clearInterval(timer);
    timer = null;
    if (on) {
      if (chosen.day >= stops[stops.length - 1]) set({ day: stops[0] });
      // Who asks for little motion gets the slow pace, and nothing here fades or slides anyway.
      const pace = calm.matches ? PACES.slow : PACES[byId("pace").value];
      timer = setInterval(() => (chosen.day >= stops[stops.length - 1] ? play(false) : go(1)), pace);
    }
    byId("play").setAttribute("aria-pressed", String(on));
    byId("play-text").textContent = words.say(on ? "pause" : "play");
    byId("play").classList.toggle("playing", on);
  }

  // --- compare ---

  function showCompared(other) {
    const isSwipe = chosen.compare === "swipe";
    byId("divider").hidden = !isSwipe;
    byId("divider-line").hidden = !isSwipe;
    byId("other-field").hidden = chosen.compare === "off";
    byId("changed").hidden = chosen.compare !== "difference";
    byId("other").value = words.iso(chosen.other);
    ["flag-first", "flag-second"].forEach((id) => (byId(id).hidden = !isSwipe));
    byId("flag-first").textContent = words.day(chosen.day);
    byId("flag-second").textContent = words.day(chosen.other);
    byId("divider-line").style.left = `${100 * chosen.divider}%`;
    byId("divider").setAttribute("aria-valuetext", `${Math.round(100 * chosen.divider)} %`);
    if (chosen.compare === "difference") showChanged(other);
  }

  function showChanged(other) {
    const [before, after] = chosen.day <= chosen.other ? [frame, other] : [other, frame];
    const sums = new Map();
    before.held.forEach((cls, group) => {
      if (cls === after.held[group]) return;
      const key = `${cls},${after.held[group]}`;
      sums.set(key, (sums.get(key) || 0) + data.land.area[group]);
    });
    const rows = [...sums]
      .sort((a, b) => b[1] - a[1])
      .map(([key, area]) => {
        const row = make("tr");
        key.split(",").forEach((cls) => row.append(make("td", "", words.label(Number(cls)))));
        row.append(make("td", "number", words.number(area / KM2)));
        return row;
      });
    byId("changed-title").textContent = words.say("changed-hands", {
      first: words.day(before.day),
      second: words.day(after.day),
    });
    const empty = make("tr");
    empty.append(Object.assign(make("td", "", words.say("nothing-changed")), { colSpan: 3 }));
    byId("changed-rows").replaceChildren(...(rows.length ? rows : [empty]));
  }

  // --- words ---

  function translate() {
    page.lang = chosen.lang;
    document.querySelectorAll("[data-word]").forEach((one) => (one.textContent = words.say(one.dataset.word)));
    document.querySelectorAll("[data-name-word]").forEach((one) => {
      one.setAttribute("aria-label", words.say(one.dataset.nameWord));
      if (one.tagName === "BUTTON") one.title = words.say(one.dataset.nameWord);
    });
    byId("as-of").textContent = words.say("as-of", { version: data.version, day: words.day(data.asOf) });
    removeNames();
    removeNames = window.MapNames.drawNames(view.map, labelsOf());
    fillDistricts();
    play(Boolean(timer));
  }

  function labelsOf() {
    return data.labels.map(([kind, lon, lat, rank, name, from, to]) => ({
      kind,
      rank,
      from,
      to,
      at: [lat / data.unit, lon / data.unit],
      names: words.names(data.names[name]),
    }));
  }

  function fillDistricts() {
    const list = byId("districts");
    const found = new Map();
    frame.district.forEach((name, group) => {
      if (name !== null && !(found.has(name) && data.land.area[found.get(name)] > data.land.area[group]))
        found.set(name, group);
    });
    const options = [...found].map(([name, group]) => [words.name(name), group]);
    options.sort((a, b) => a[0][0].localeCompare(b[0][0], chosen.lang));
    list.replaceChildren(
      new Option(words.say("go-to-district"), ""),
      ...options.map(([[text, lang], group]) => Object.assign(new Option(text, group), { lang })),
    );
  }

  // --- a spot on the map ---

  function select(group, reveal) {
    chosen.group = group;
    if (selection) selection.remove();
    const arcs = outlineOf([group], data.land.left, data.land.right, view.arcs);
    selection = L.polyline(arcs, {
      pane: "mark",
      renderer: view.renderer.mark,
      interactive: false,
      color: data.style.base.text,
      weight: 3,
    }).addTo(view.map);
    showDetail(group, frame, data, record, words, shownDated(), may.popups);
    if (reveal) view.map.fitBounds(selection.getBounds(), { padding: [40, 40], maxZoom: 9.5, animate: false });
  }

  function connectMap() {
    const { map, container, layers } = view;
    const groups = new Map(layers.first.pieces.map((piece, group) => [piece.getElement(), group]));
    const groupAt = (event) => groups.get(event.target);
    container.addEventListener("click", (event) => groupAt(event) !== undefined && select(groupAt(event), false));
    tooltip = make("div", "tip");
    tooltip.hidden = true;
    container.append(tooltip);
    if (window.matchMedia("(hover: hover)").matches) {
      container.addEventListener("mousemove", (event) => showTip(event, groupAt(event)));
      container.addEventListener("mouseleave", () => (tooltip.hidden = true));
    }
    // Enter asks for what lies under the middle of the map, so that every fact can be had without a pointer.
    container.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== container) return;
      const box = container.getBoundingClientRect();
      const group = groups.get(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
      if (group !== undefined) select(group, false);
    });
    map.on("move zoomend resize", () => view.setDivider(chosen.divider));
    map.on("movestart", (event) => event.originalEvent && (chosen.moved = true));
    map.on("moveend", () => {
      chosen.moved = true;
      tell();
    });
    // A page is scrolled over a map more often than a map is zoomed: the wheel zooms once the map has focus.
    container.addEventListener("focus", () => map.scrollWheelZoom.enable());
    container.addEventListener("blur", () => map.scrollWheelZoom.disable());
    L.control.scale({ imperial: false }).addTo(map);
    byId("zoom-in").addEventListener("click", () => map.zoomIn());
    byId("zoom-out").addEventListener("click", () => map.zoomOut());
    byId("home").addEventListener("click", () => map.fitBounds(view.home, { padding: [6, 6], animate: false }));
    byId("extent").addEventListener("click", () => map.fitBounds(view.extent, { animate: false }));
  }

  function showTip(event, group) {
    tooltip.hidden = group === undefined || chosen.compare === "swipe";
    if (tooltip.hidden) return;
    if (tooltip.dataset.group !== `${group} ${chosen.day} ${chosen.lang} ${chosen.mode}`) {
      tooltip.dataset.group = `${group} ${chosen.day} ${chosen.lang} ${chosen.mode}`;
      const { rows } = factsOf(group, frame, data, record, words, shownDated());
      tooltip.replaceChildren(...nameLines(nameOf(group, frame, data, words)), listOf(rows.slice(0, 4)));
    }
    const box = view.container.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const left = x + 16 + tooltip.offsetWidth > box.width ? Math.max(x - tooltip.offsetWidth - 12, 0) : x + 16;
    const top = y + 16 + tooltip.offsetHeight > box.height ? Math.max(y - tooltip.offsetHeight - 12, 0) : y + 16;
    tooltip.style.transform = `translate(${left}px, ${top}px)`;
  }

  // --- address ---

  const round = (value) => Number(value.toFixed(3));

  function hash() {
    const found = new URLSearchParams();
    found.set("date", words.iso(chosen.day));
    if (chosen.moved) {
      const box = view.map.getBounds();
      found.set("bbox", [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map(round).join(","));
    }
    ["lang", "view"].forEach((key) => chosen[key] !== data[key] && found.set(key, chosen[key]));
    if (chosen.mode !== "best") found.set("mode", chosen.mode);
    if (chosen.compare !== "off") found.set("compare", `${chosen.compare},${words.iso(chosen.other)}`);
    if (chosen.hidden.size) found.set("hide", [...chosen.hidden].join(","));
    const allow = new URLSearchParams(window.location.hash.slice(1)).get("allow");
    if (allow) found.set("allow", allow);
    return `#${decodeURIComponent(found.toString())}`;
  }

  function read() {
    const wanted = new URLSearchParams(window.location.hash.slice(1));
    const change = {};
    const day = words.parse(wanted.get("date") || "");
    if (day !== null) change.day = day;
    if (data.style.languages.includes(wanted.get("lang"))) change.lang = wanted.get("lang");
    if (data.views.includes(wanted.get("view"))) change.view = wanted.get("view");
    if (MODES.includes(wanted.get("mode"))) change.mode = wanted.get("mode");
    const [compare, other] = (wanted.get("compare") || "").split(",");
    if (COMPARES.includes(compare)) change.compare = compare;
    if (words.parse(other || "") !== null) change.other = words.parse(other);
    if (wanted.has("hide"))
      change.hidden = new Set(
        wanted
          .get("hide")
          .split(",")
          .filter((name) => SWITCHES.includes(name)),
      );
    const box = (wanted.get("bbox") || "").split(",").map(Number);
    if (box.length === 4 && box.every(Number.isFinite) && box[0] < box[2] && box[1] < box[3]) {
      view.map.fitBounds(L.latLngBounds([box[1], box[0]], [box[3], box[2]]), { animate: false });
    }
    return change;
  }

  // Browsers refuse addresses that change too often, and readers too many words: both wait for a pause.
  let telling = null;
  function tell() {
    clearTimeout(telling);
    telling = setTimeout(() => {
      try {
        window.history.replaceState(null, "", hash());
      } catch {
        // A page without an address of its own has none to keep.
      }
      const said = legendEntries(frame, record, words, fill)
        .filter((entry) => entry.tone === 0)
        .slice(0, 5);
      const areas = said.map((entry) => `${entry.label}: ${words.say("km2", { value: entry.areaText })}`);
      byId("live").textContent = [words.day(chosen.day), headline(chosen.day), ...areas].join(". ");
      page.dataset.ready = String(chosen.day);
    }, 300);
  }

  // --- sharing ---

  const link = () => window.location.href.replace(/#.*/, "") + hash().replace(/&?allow=[^&]*/, "");
  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");

  function embedCode() {
    const address = escaped(`${link()}&allow=downloads,popups`);
    return (
      `<figure style="margin:0"><iframe src="${address}" title="${escaped(document.title)}" loading="lazy" ` +
      `sandbox="allow-scripts allow-downloads allow-popups" style="border:0;width:100%;height:${Math.ceil(page.scrollHeight)}px"></iframe>` +
      `<figcaption><a href="${escaped(link())}">${escaped(document.title)}</a></figcaption></figure>`
    );
  }

  function copy(text) {
    const done = () => (byId("share-status").textContent = words.say("copied"));
    const byHand = () => {
      byId("share-status").textContent = words.say("copy-by-hand");
      Object.assign(byId("share-text"), { hidden: false, value: text });
      byId("share-text").select();
    };
    if (!navigator.clipboard) return byHand();
    return navigator.clipboard.writeText(text).then(done, byHand);
  }

  function about() {
    return {
      day: words.iso(chosen.day),
      data_version: data.version,
      licence: data.licence,
      attribution: data.attribution,
      source: link(),
    };
  }

  function still(isBare) {
    const entries = legendEntries(frame, record, words, fill).map((entry) => ({
      ...entry,
      areaText: words.say("km2", { value: entry.areaText }) + (entry.intervalText ? ` (${entry.intervalText})` : ""),
    }));
    const notes = [
      `${words.say("as-of", { version: data.version, day: words.day(data.asOf) })}. ${words.say("licence")}: ${data.licence}. ${data.attribution}`,
    ];
    return stillMap({
      view,
      data,
      entries,
      title: document.title,
      subtitle: byId("headline").textContent,
      notes,
      isBare,
    });
  }

  function download(kind) {
    const name = `control-${words.iso(chosen.day)}`;
    const svg = () =>
      `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(still(false))}\n`;
    if (kind === "svg") save(`${name}.svg`, "image/svg+xml", svg());
    if (kind === "png") toPng(still(false), (blob) => save(`${name}.png`, "image/png", blob));
    if (kind === "csv") save(`${name}.csv`, "text/csv", toCsv(frame, data, record, about()));
    if (kind === "geojson") {
      const iso = (day) => (day === null ? null : words.iso(day));
      save(`${name}.geojson`, "application/geo+json", toGeoJson(frame, data, record, view, { ...about(), iso }));
    }
  }

  // The printed page shows the day that was chosen, as one drawing: the map's hundreds of shapes would print as
  // hundreds of patterns.
  function connectPrint() {
    const figure = byId("still");
    const sources = document.querySelector("details.sources");
    const before = { nodes: [...figure.childNodes], open: false };
    window.addEventListener("beforeprint", () => {
      figure.replaceChildren(still(true));
      before.open = sources.open;
      sources.open = true;
    });
    window.addEventListener("afterprint", () => {
      figure.replaceChildren(...before.nodes);
      sources.open = before.open;
    });
  }

  // --- controls ---

  function connectControls() {
    slider.addEventListener("input", () => set({ day: stops[Number(slider.value)] }));
    dateField.min = words.iso(0);
    dateField.max = words.iso(data.last);
    const pick = (field, key) => {
      const day = words.parse(field.value);
      if (day !== null && day >= 0 && day <= data.last) set({ [key]: day });
    };
    dateField.addEventListener("change", () => pick(dateField, "day"));
    byId("other").min = dateField.min;
    byId("other").max = dateField.max;
    byId("other").addEventListener("change", () => pick(byId("other"), "other"));
    byId("previous").addEventListener("click", () => go(-1));
    byId("next").addEventListener("click", () => go(1));
    byId("play").addEventListener("click", () => play(!timer));
    byId("pace").addEventListener("change", () => timer && play(true));
    byId("divider").addEventListener("input", () => {
      chosen.divider = Number(byId("divider").value) / 100;
      view.setDivider(chosen.divider);
      byId("divider-line").style.left = `${100 * chosen.divider}%`;
      byId("divider").setAttribute("aria-valuetext", `${byId("divider").value} %`);
    });
    ["view", "mode", "lang", "compare"].forEach((key) => {
      byId(key).addEventListener("change", () => {
        const change = { [key]: byId(key).value };
        if (key === "compare" && chosen.other === chosen.day)
          change.other = stops[Math.max(lastUpTo(stops, chosen.day) - 1, 0)];
        set(change);
      });
    });
    byId("districts").addEventListener(
      "change",
      (event) => event.target.value !== "" && select(Number(event.target.value), true),
    );
    document.querySelectorAll("[data-switch]").forEach((box) => box.addEventListener("change", () => switchLayer(box)));
    document
      .querySelectorAll("[data-file]")
      .forEach((one) => one.addEventListener("click", () => download(one.dataset.file)));
    byId("copy-link").addEventListener("click", () => copy(link()));
    byId("copy-embed").addEventListener("click", () => copy(embedCode()));
    byId("copies").hidden = !may.clipboard;
    byId("files").hidden = !may.downloads;
    byId("share").hidden = !may.clipboard && !may.downloads;
    if (!may.popups) document.querySelectorAll("a[target]").forEach((one) => one.replaceWith(...one.childNodes));
    window.addEventListener("hashchange", () => set(read()));
  }

  function switchLayer(box) {
    if (box.checked) chosen.hidden.delete(box.dataset.switch);
    else chosen.hidden.add(box.dataset.switch);
    showSwitches();
    step();
    tell();
  }

  function showSwitches() {
    SWITCHES.forEach((name) => view.container.classList.toggle(`hide-${name}`, chosen.hidden.has(name)));
    document.querySelectorAll("[data-switch]").forEach((box) => (box.checked = !chosen.hidden.has(box.dataset.switch)));
    ["view", "mode", "lang", "compare"].forEach((key) => (byId(key).value = chosen[key]));
  }

  function connectSize() {
    let width = 0;
    new ResizeObserver(() => {
      if (document.body.clientWidth !== width) {
        width = document.body.clientWidth;
        view.map.invalidateSize({ animate: false });
        showTicks();
        chart.draw(chosen.mode);
        chart.mark(chosen.day);
        view.setDivider(chosen.divider);
      }
      if (window.parent !== window)
        window.parent.postMessage({ type: "mapper:height", height: page.scrollHeight }, "*");
    }).observe(document.body);
  }

  words.use(chosen.lang);
  Object.assign(chosen, read());
  words.use(chosen.lang);
  stops = record.stops(chosen.mode);
  frame = frameOn(chosen.day);
  connectMap();
  connectControls();
  connectPrint();
  translate();
  chosen.moved = /bbox=/.test(window.location.hash);
  showTicks();
  chart.draw(chosen.mode);
  showSwitches();
  step();
  connectSize();
  tell();
  window.addEventListener("hashchange", showSwitches);
  // For the package's own tests and benchmark, and for scripts of whoever hosts the page.
  window.articleMap = { set, stops: () => stops, chosen, map: view.map, areas: () => areaRows(frame, data, record) };
}
