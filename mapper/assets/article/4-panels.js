// What stands beside the map: legend with areas, what holds at a spot, the chart of the whole period.
const { make, isolated } = window.MapNames;
const byId = (id) => document.getElementById(id);
const KM2 = 1e6;

function swatch(colour, base) {
  const box = { x: 0.5, y: 0.5, width: 31, height: 19, fill: colour, stroke: base.muted, "stroke-width": 0.8 };
  return svgElement(
    "svg",
    { viewBox: "0 0 32 20", "aria-hidden": "true", focusable: "false" },
    svgElement("rect", box),
  );
}

function lineSample(look, base) {
  const line = { d: "M0,6H32", fill: "none" };
  const svg = svgElement("svg", { viewBox: "0 0 32 12", "aria-hidden": "true", focusable: "false" });
  if (look.casing) svg.append(svgElement("path", { ...line, stroke: base.halo, "stroke-width": look.width + 2 }));
  svg.append(
    svgElement("path", {
      ...line,
      stroke: look.colour,
      "stroke-width": look.width,
      "stroke-dasharray": look.dash || null,
    }),
  );
  if (look.ties) {
    const ties = { ...line, stroke: look.colour, "stroke-width": look.tie_width, "stroke-dasharray": look.ties };
    svg.append(svgElement("path", ties));
  }
  return svg;
}

function datedSample(item, base) {
  if (item.posts) {
    const mark = { d: "M16,1L21,6L16,11L11,6Z", fill: base.panel, stroke: item.look.colour, "stroke-width": 2 };
    return svgElement(
      "svg",
      { viewBox: "0 0 32 12", "aria-hidden": "true", focusable: "false" },
      svgElement("path", mark),
    );
  }
  if (!item.look.tile) return lineSample(item.look, base);
  const box = { x: 1, y: 1, width: 30, height: 18 };
  const edge = {
    ...box,
    fill: "none",
    stroke: item.look.colour,
    "stroke-width": 1.5,
    "stroke-dasharray": item.look.dash || null,
  };
  const fill = svgElement("rect", { ...box, fill: `url(#mark-${item.look.key})` });
  return svgElement(
    "svg",
    { viewBox: "0 0 32 20", "aria-hidden": "true", focusable: "false" },
    fill,
    svgElement("rect", edge),
  );
}

// --- legend ---

// A row's words: a status goes under its controller's own row, when there is one; see ``looks`` of the package.
function legendText(row, rows, record, words) {
  const controller = record.controllerOf[row.cls];
  const status = record.statusOf[row.cls];
  const plain = status === "held" || status === "";
  const same = (other) => other.tone === row.tone && record.controllerOf[other.cls] === controller;
  const hasHead = rows.some((other) => same(other) && record.statusOf[other.cls] === "held");
  const hasStatus = rows.some((other) => same(other) && record.statusOf[other.cls] !== "held");
  const isSub = !plain && hasHead;
  const notes = [];
  if (row.tone === 0 && ["azerbaijan", "armenia"].includes(controller) && !isSub) notes.push(words.say("outside"));
  if (status && ((!plain && !isSub) || (plain && hasStatus))) notes.push(words.status(status));
  return { label: isSub ? words.status(status) : words.controller(controller), note: notes.join("; "), isSub };
}

function legendEntries(frame, record, words, fill) {
  const rows = record.areas(frame);
  return rows.map((row) => {
    const interval = record.interval(row, frame);
    const [area, low, high] = interval ? words.range(row.area / KM2, ...interval) : [words.number(row.area / KM2)];
    const text = { ...legendText(row, rows, record, words), colour: fill(row.cls, row.tone === 0, false) };
    return { ...row, ...text, areaText: area, intervalText: interval ? `${low}–${high}` : "" };
  });
}

function showLegend(entries, words, base) {
  byId("areas").replaceChildren(
    ...entries.map((entry) => {
      const line = make("tr", entry.isSub ? "sub" : "");
      const cell = make("td", "swatch");
      cell.append(swatch(entry.colour, base));
      const head = make("th", "", entry.label);
      head.scope = "row";
      if (entry.note) head.append(make("small", "", entry.note));
      const area = make("td", "number", entry.areaText);
      if (entry.intervalText) area.append(make("small", "", entry.intervalText));
      line.append(cell, head, area);
      return line;
    }),
  );
}

function showLineLegend(frame, view, dated, hidden, data, words, fill) {
  const items = [];
  const add = (sample, text) => {
    const item = make("li");
    item.append(sample, make("span", "", text));
    items.push(item);
  };
  const open = frame.open.indexOf(true);
  if (open >= 0) add(swatch(fill(frame.cls[open], frame.strong[open], true), data.style.base), words.say("uncertain"));
  const soviet = frame.sovereign.every((name) => name === "soviet-union");
  Object.entries(data.style.lineWords).forEach(([kind, key]) => {
    const drawn = view.layers.first.lines[kind];
    if (!drawn || !drawn.arcs || !drawn.arcs.length) return;
    add(
      lineSample(data.style.lines[kind], data.style.base),
      words.say(kind === "state" && soviet ? "republic-border" : key),
    );
  });
  const told = new Set();
  dated.forEach(({ item, isThere }) => {
    // All posts of a kind are one row.
    const { label } = item.look;
    const name = label ? label[data.style.languages.indexOf(words.lang())] : words.name(item.name)[0];
    if (!isThere(frame) || hidden.has(item.switch) || told.has(name + item.remark)) return;
    told.add(name + item.remark);
    const remark = item.remark ? `, ${words.say(item.remark)}` : "";
    add(datedSample(item, data.style.base), name + remark);
  });
  byId("lines").replaceChildren(...items);
}

// What the edition lacks on a day, and how far its interpolated lines can be trusted.
function showNotes(day, data, words) {
  const stop = data.stops[Math.max(lastUpTo(data.stops, day), 0)];
  const there = data.notes.filter((note) =>
    note.on ? note.on.includes(stop) : note.from <= day && (note.to === null || day < note.to),
  );
  const items = there.map((note) => {
    const item = make("li");
    const lang = note.texts ? words.lang() : "en";
    item.lang = lang;
    item.append(isolated(note.texts ? note.texts[data.style.languages.indexOf(lang)] : note.text));
    return item;
  });
  byId("notes").replaceChildren(...items);
  byId("notes-box").hidden = !items.length;
}

// --- what holds at a spot ---

function sourceItem({ title, url }, withLinks) {
  const item = make("li");
  if (!url || !withLinks || !/^https?:\/\//.test(url)) {
    item.append(isolated(title));
    return item;
  }
  const link = make("a");
  link.href = url;
  link.rel = "noopener noreferrer";
  link.target = "_blank";
  link.append(isolated(title));
  item.append(link);
  return item;
}

function nameLines(pairs) {
  const [first, ...others] = pairs;
  const title = make("h3");
  title.append(isolated(...first));
  const also = make("p", "also");
  others.forEach(([text, lang], index) => also.append(index ? " · " : "", isolated(text, lang)));
  return others.length ? [title, also] : [title];
}

// [term, content] pairs about a group on a day.
function factsOf(group, frame, data, record, words, dated) {
  const state = record.stateOn(group, frame.day, frame.mode);
  const change = data.changes[state.change];
  const rows = [[words.say("controller"), words.controller(record.controllerOf[state.cls]), "strong"]];
  const status = record.statusOf[state.cls];
  if (status) rows.push([words.say("status"), words.status(status)]);
  if (change) {
    if (state.since !== null) rows.push([words.say("since"), words.day(state.since)]);
    rows.push([words.say("change"), words.say(`kind-${change.kind}`)]);
    const [low, high] = change.dated.map(words.day);
    if (low !== high) rows.push([words.say("dated"), words.say("between", { low, high })]);
  }
  rows.push([words.say("sovereign"), words.controller(frame.sovereign[group])]);
  if (record.isOpen(state.admissible)) {
    rows.push([words.say("possible-holders"), record.holders(state.admissible).map(words.controller).join("; ")]);
  }
  dated.forEach(({ item, covers }) => {
    if (item.switch === "corridors" || !covers(frame, group)) return;
    rows.push([words.say(item.switch), words.name(item.name)[0]]);
  });
  if (change && change.interpolated) rows.push([words.say("note"), words.say("interpolated-extent")]);
  if (change && change.oneSided) rows.push([words.say("note"), words.say("one-sided")]);
  return { rows, change };
}

function nameOf(group, frame, data, words) {
  const district = frame.district[group];
  return words.names(data.names[district === null ? data.history.places.state.names[frame.state[group]] : district]);
}

function listOf(rows) {
  const list = make("dl");
  rows.forEach(([term, text, className]) => {
    const value = make("dd", className || "");
    value.append(isolated(text));
    list.append(make("dt", "", term), value);
  });
  return list;
}

function showDetail(group, frame, data, record, words, dated, withLinks) {
  const box = byId("detail-body");
  if (group === null) {
    box.replaceChildren(make("p", "hint", words.say("detail-hint")));
    return;
  }
  const { rows, change } = factsOf(group, frame, data, record, words, dated);
  const parts = [...nameLines(nameOf(group, frame, data, words)), listOf(rows)];
  if (change && change.note) {
    const note = make("p", "note");
    note.lang = "en";
    note.append(isolated(change.note));
    parts.push(note);
  }
  if (change && change.sources.length) {
    const list = make("ul", "sources");
    list.append(...change.sources.map((number) => sourceItem(data.sources[number], withLinks)));
    parts.push(make("h4", "", words.say("sources")), list);
  }
  box.replaceChildren(...parts);
}

// --- chart ---

// For each controller the area it holds across a recognised border, as steps: day, square metres.
function chartSeries(data, record, mode) {
  const changesBy = new Map();
  const add = (cls, day, area) => {
    const key = record.controllerOf[cls];
    if (!changesBy.has(key)) changesBy.set(key, new Map());
    const own = changesBy.get(key);
    own.set(day, (own.get(day) || 0) + area);
  };
  const { series, of, values } = data.history.places.sovereign;
  data.land.area.forEach((area, group) => {
    const own = record.seriesOf(mode, group);
    const title = series[of[group]];
    const days = [...new Set([...own, ...title].filter((_, i) => i % 2 === 0))].concat(
      [...title].filter((_, i) => i % 2 === 0),
    );
    let before = null;
    [...new Set(days)]
      .sort((a, b) => a - b)
      .forEach((day) => {
        const [cls] = data.history.states[valueOn(own, day)];
        const strong = record.controllerOf[cls] !== values[valueOn(title, day)];
        const now = strong ? cls : null;
        if (now === before) return;
        if (before !== null) add(before, day, -area);
        if (now !== null) add(now, day, area);
        before = now;
      });
  });
  return [...changesBy].map(([controller, steps]) => {
    let sum = 0;
    const points = [...steps].sort((a, b) => a[0] - b[0]).map(([day, area]) => [day, (sum += area)]);
    return { controller, points };
  });
}

function makeChart(data, record, words, fill, onPick) {
  const svg = byId("chart");
  const HEIGHT = 190;
  const PAD = { left: 8, right: 10, top: 22, bottom: 22 };
  let scale = null;
  let cursor = null;

  function total(series, day) {
    return series
      .map(
        ({ points }) =>
          points[
            lastUpTo(
              points.map(([at]) => at),
              day,
            )
          ],
      )
      .map((point) => (point ? point[1] : 0));
  }

  function draw(mode) {
    const width = Math.max(svg.parentElement.clientWidth, 240);
    const order = data.style.controllers;
    const series = chartSeries(data, record, mode).sort(
      (a, b) => order.indexOf(b.controller) - order.indexOf(a.controller),
    );
    const days = [...new Set([0, ...series.flatMap(({ points }) => points.map(([day]) => day))])].sort((a, b) => a - b);
    const rows = days.map((day) => total(series, day));
    const sums = rows.map((row) => row.reduce((a, b) => a + b, 0));
    const most = Math.max(...sums, 1);
    const x = (day) => PAD.left + ((width - PAD.left - PAD.right) * day) / Math.max(data.last, 1);
    const y = (area) => HEIGHT - PAD.bottom - ((HEIGHT - PAD.top - PAD.bottom) * area) / most;
    scale = { x, day: (px) => Math.round(((px - PAD.left) / (width - PAD.left - PAD.right)) * data.last) };
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    svg.setAttribute("height", HEIGHT);
    const parts = series.map((one, index) => {
      const below = rows.map((row) => row.slice(0, index).reduce((a, b) => a + b, 0));
      return svgElement("path", {
        d: stepArea(
          days,
          below,
          rows.map((row, i) => below[i] + row[index]),
          x,
          y,
        ),
        fill: fill(record.classNumber.get(one.controller), true, false),
      });
    });
    cursor = svgElement("path", { class: "cursor" });
    svg.replaceChildren(...gridOf(most, width, y), ...parts, ...yearsOf(width, x), ...marksOf(x), cursor);
    const at = sums.indexOf(most);
    svg.setAttribute(
      "aria-label",
      words.say("chart-text", { most: words.number(most / KM2), day: words.day(days[Math.max(at, 0)]) }),
    );
  }

  function stepArea(days, low, high, x, y) {
    const ends = [...days.slice(1), data.last];
    const top = days.map((day, i) => `${x(day).toFixed(1)},${y(high[i]).toFixed(1)}H${x(ends[i]).toFixed(1)}`);
    const bottom = days.map((day, i) => `V${y(low[i]).toFixed(1)}H${x(day).toFixed(1)}`).reverse();
    return `M${top.join("L")}${bottom.join("")}Z`;
  }

  function gridOf(most, width, y) {
    const step =
      [1, 2, 5]
        .flatMap((n) => [1, 10, 100, 1e3, 1e4, 1e5].map((ten) => n * ten))
        .sort((a, b) => a - b)
        .find((n) => most / KM2 / n <= 4) || 1e6;
    const found = [];
    for (let area = 0; area <= most; area += step * KM2) {
      found.push(svgElement("path", { class: "grid", d: `M${PAD.left},${y(area).toFixed(1)}H${width - PAD.right}` }));
      if (area)
        found.push(
          svgElement("text", { x: PAD.left, y: y(area) - 3 }, words.say("km2", { value: words.number(area / KM2) })),
        );
    }
    return found;
  }

  function yearsOf(width, x) {
    const firstYear = words.year(0);
    const lastYear = words.year(data.last);
    const every = [1, 2, 5, 10, 20].find((n) => ((lastYear - firstYear) / n) * 46 < width) || 50;
    const found = [];
    for (let year = Math.ceil(firstYear / every) * every; year <= lastYear; year += every) {
      const at = x(words.parse(`${year}-01-01`));
      if (at < PAD.left + 14 || at > width - 24) continue;
      found.push(svgElement("path", { class: "tick", d: `M${at.toFixed(1)},${HEIGHT - PAD.bottom}v5` }));
      found.push(svgElement("text", { x: at, y: HEIGHT - 6, "text-anchor": "middle" }, String(year)));
    }
    return found;
  }

  // Ceasefires and agreements, named when pointed at; their names are in English only.
  function marksOf(x) {
    return data.marks.map(([day, name]) =>
      svgElement(
        "path",
        { class: "mark", d: `M${x(day).toFixed(1)},${PAD.top - 4}V${HEIGHT - PAD.bottom}` },
        svgElement("title", { lang: "en" }, `${words.day(day)}: ${name}`),
      ),
    );
  }

  function mark(day) {
    if (cursor) cursor.setAttribute("d", `M${scale.x(day).toFixed(1)},${PAD.top - 10}V${HEIGHT - PAD.bottom}`);
  }

  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    const width = svg.viewBox.baseVal.width;
    onPick(Math.min(Math.max(scale.day(((event.clientX - box.left) * width) / box.width), 0), data.last));
  });
  return { draw, mark };
}
