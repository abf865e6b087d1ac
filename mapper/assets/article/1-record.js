// The record: what each group of land was on any day, worked out from lists of the days on which it changed.

// The value in force on a day, from a list of day, value, day, value ...
function valueOn(series, day) {
  let low = 0;
  let high = series.length / 2 - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (series[2 * middle] <= day) low = middle;
    else high = middle - 1;
  }
  return series[2 * low + 1];
}

function makeRecord(data) {
  const { land, history, style, changes } = data;
  const count = land.area.length;
  const classNumber = new Map(style.classes.map((one, number) => [one.key, number]));
  const controllerOf = style.classes.map((one) => one.key.split("/")[0]);
  const statusOf = style.classes.map((one) => one.key.split("/")[1] || (one.key === "unknown" ? "" : "held"));
  const sideOf = controllerOf.map((name) => style.sides[style.controllers.indexOf(name)] || "");

  function seriesOf(mode, group) {
    return history.modes[mode][group] || history.modes.best[group];
  }

  // The values of a kind of place for all groups; few of its series differ, so each is looked up once.
  function placesOn(kind, day) {
    const { series, of } = history.places[kind];
    const values = series.map((one) => valueOn(one, day));
    return of.map((number) => values[number]);
  }

  function stateOn(group, day, mode) {
    const [cls, change, since, admissible] = history.states[valueOn(seriesOf(mode, group), day)];
    return { cls, change, since, admissible };
  }

  const holders = (bits) => style.controllers.filter((_, bit) => (bits >> bit) & 1);
  const isOpen = (bits) => (bits & (bits - 1)) !== 0;

  // Everything that a map of a day needs, a value a group.
  function on(day, mode, view) {
    const sovereign = placesOn("sovereign", day).map((number) => history.places.sovereign.values[number]);
    const frame = {
      day,
      mode,
      view,
      sovereign,
      state: placesOn("state", day),
      district: placesOn("district", day).map((number) => history.places.district.values[number]),
    };
    frame.oblast = placesOn("oblast", day);
    frame.held = new Array(count);
    frame.cls = new Array(count);
    frame.strong = new Array(count);
    frame.open = new Array(count);
    for (let group = 0; group < count; group += 1) {
      const state = history.states[valueOn(seriesOf(mode, group), day)];
      const recognised = view === "recognised";
      const cls = recognised ? classNumber.get(sovereign[group]) : state[0];
      frame.held[group] = state[0];
      frame.cls[group] = cls;
      frame.strong[group] = controllerOf[cls] !== sovereign[group];
      frame.open[group] = !recognised && mode !== "certain" && isOpen(state[3]);
    }
    return frame;
  }

  // Area in whole square metres by class and tone; groups carry the areas of the unsimplified land.
  function areas(frame) {
    const found = new Map();
    for (let group = 0; group < count; group += 1) {
      const key = `${frame.cls[group]}-${frame.strong[group] ? 0 : 1}`;
      const row = found.get(key) || { cls: frame.cls[group], tone: frame.strong[group] ? 0 : 1, area: 0 };
      row.area += land.area[group];
      found.set(key, row);
    }
    return inLegendOrder([...found.values()]);
  }

  function inLegendOrder(rows) {
    const total = {};
    const holder = (row) => `${controllerOf[row.cls]}-${row.tone}`;
    rows.forEach((row) => (total[holder(row)] = (total[holder(row)] || 0) + row.area));
    return rows.sort((a, b) => a.tone - b.tone || total[holder(b)] - total[holder(a)] || a.cls - b.cls);
  }

  // Least and most area of a row of the legend in km2, where the data says so.
  const boundDays = data.bounds.map(([day]) => day);
  function interval(row, frame) {
    if (frame.mode !== "best" || frame.view === "recognised" || !boundDays.length) return null;
    const [, rows] = data.bounds[Math.max(lastUpTo(boundDays, frame.day), 0)];
    const own = rows.find(([cls, tone]) => cls === row.cls && tone === row.tone);
    return own ? [own[2], own[3]] : null;
  }

  // The stops of the slider: the first day, and each on which the map can differ from the day before.
  function stops(mode) {
    return [...new Set([0, ...data.dates[mode]])];
  }

  // The changes of the last day up to a day on which any happened; those of the default account.
  const own = changes.map((change, number) => ({ ...change, number })).filter((change) => !change.other);
  function lastChanges(day) {
    const past = own.filter((change) => change.day <= day && change.day >= 0);
    const last = Math.max(...past.map((change) => change.day), -1);
    return { day: last, changes: past.filter((change) => change.day === last) };
  }

  return {
    count,
    controllerOf,
    statusOf,
    sideOf,
    classNumber,
    on,
    areas,
    interval,
    stops,
    stateOn,
    seriesOf,
    holders,
    isOpen,
    lastChanges,
  };
}

// Position of the last of sorted numbers that is not above a value; -1 when all are.
function lastUpTo(numbers, value) {
  let low = -1;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (numbers[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
