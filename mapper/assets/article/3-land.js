// The map itself: land, lines and what lies over them, on Leaflet. A step restyles what changed and adds nothing.
const PANES = {
  land: 300,
  second: 305,
  relief: 320,
  dated: 325,
  water: 330,
  lines: 340,
  fronts: 342,
  secondFronts: 345,
  mark: 350,
  names: 640,
};
const MAX_ZOOM = 11.5;
const FRONT_KINDS = ["class", "front", "interpolated"];
const LINE_KINDS = ["district", "class", "state", "oblast", "interpolated", "front"];
const SVG_NS = "http://www.w3.org/2000/svg";

function svgElement(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG_NS, tag);
  Object.entries(attributes).forEach(([key, value]) => value !== null && element.setAttribute(key, value));
  element.append(...children);
  return element;
}

// --- looks: a class in a tone, certain or not, as a colour or a pattern that is made when first wanted ---

function makeLooks(style, holder) {
  const made = new Map();
  const isPlain = (tile) => !tile.path && !tile.dots.length;

  function marks(tile, colour, times) {
    const found = [];
    for (let x = 0; x < times; x += 1) {
      for (let y = 0; y < times; y += 1) {
        const at = { transform: `translate(${x * tile.size},${y * tile.size})` };
        const stroke = { fill: "none", stroke: colour, "stroke-width": tile.stroke };
        if (tile.path) found.push(svgElement("path", { d: tile.path, ...stroke, ...at }));
        tile.dots.forEach(([cx, cy, r]) =>
          found.push(svgElement("circle", { cx, cy, r, ...at, ...(tile.ring ? stroke : { fill: colour }) })),
        );
      }
    }
    return found;
  }

  // The ground is part of the pattern, so that land needs one shape and not two.
  function pattern(id, one, tone, open) {
    const tile = style.patterns[one.pattern];
    const times = open ? Math.ceil(20 / tile.size) : 1;
    const size = tile.size * times;
    const ground = svgElement("rect", { x: -1, y: -1, width: size + 2, height: size + 2, fill: one.fill[tone] });
    const blots = open
      ? [
          [0.25, 0.3],
          [0.75, 0.8],
        ].map(([x, y]) => svgElement("circle", { cx: x * size, cy: y * size, r: 3.4, fill: style.base.halo }))
      : [];
    const box = { id, width: size, height: size, patternUnits: "userSpaceOnUse" };
    holder.append(svgElement("pattern", box, ground, ...marks(tile, one.mark[tone], times), ...blots));
    return `url(#${id})`;
  }

  return function fill(cls, strong, open) {
    const tone = strong ? 0 : 1;
    const id = `look-${cls}-${tone}${open ? "-open" : ""}`;
    if (!made.has(id)) {
      const one = style.classes[cls];
      const plain = isPlain(style.patterns[one.pattern]) && !open;
      made.set(id, plain ? one.fill[tone] : pattern(id, one, tone, open));
    }
    return made.get(id);
  };
}

// --- courses ---

function decodeArcs({ arcs, transform }) {
  return arcs.map((steps) => {
    let lon = 0;
    let lat = 0;
    return steps.map(([x, y]) => {
      lon += x;
      lat += y;
      return L.latLng(
        lat * transform.scale[1] + transform.translate[1],
        lon * transform.scale[0] + transform.translate[0],
      );
    });
  });
}

function decodeCourse(steps, unit) {
  const found = [];
  let lon = 0;
  let lat = 0;
  for (let i = 0; i < steps.length; i += 2) {
    lon += steps[i];
    lat += steps[i + 1];
    found.push(L.latLng(lat / unit, lon / unit));
  }
  return found;
}

function ringOf(refs, arcs) {
  return refs.flatMap((ref) => (ref < 0 ? arcs[~ref].slice().reverse() : arcs[ref]).slice(0, -1));
}

const endKey = (point) => `${point.lat},${point.lng}`;

// Arcs end to end, as far as they go: dashes then run on and corners are joined.
function chain(numbers, arcs) {
  const waiting = new Set(numbers);
  const at = new Map();
  numbers.forEach((number) => {
    const arc = arcs[number];
    [arc[0], arc[arc.length - 1]].forEach((point) => {
      const key = endKey(point);
      if (!at.has(key)) at.set(key, []);
      at.get(key).push(number);
    });
  });
  const follow = (line) => {
    for (;;) {
      const end = line[line.length - 1];
      const next = (at.get(endKey(end)) || []).find((number) => waiting.has(number));
      if (next === undefined) return line;
      waiting.delete(next);
      const arc = arcs[next];
      const onward = endKey(arc[0]) === endKey(end) ? arc : arc.slice().reverse();
      line.push(...onward.slice(1));
    }
  };
  const lines = [];
  numbers.forEach((number) => {
    if (!waiting.delete(number)) return;
    lines.push(follow(follow(arcs[number].slice()).reverse()));
  });
  return lines;
}

// Which arcs are lines of each kind; see ``drawing`` of the package for the rules.
function linesOf(frame, land, record) {
  const found = Object.fromEntries(LINE_KINDS.map((kind) => [kind, []]));
  const interpolated = land.isInterpolated;
  land.left.forEach((a, arc) => {
    const b = land.right[arc];
    if (b < 0) {
      found.state.push(arc);
      return;
    }
    const state = frame.state[a] !== frame.state[b];
    if (state) found.state.push(arc);
    if (frame.district[a] !== frame.district[b]) found.district.push(arc);
    if (frame.oblast[a] !== frame.oblast[b]) found.oblast.push(arc);
    const marked = frame.strong[a] || frame.strong[b];
    const [one, other] = [record.sideOf[frame.held[a]], record.sideOf[frame.held[b]]];
    if (one && other && one !== other && marked) found[interpolated[arc] ? "interpolated" : "front"].push(arc);
    else if (frame.cls[a] !== frame.cls[b] && (marked || !state)) found.class.push(arc);
  });
  return found;
}

const sameNumbers = (one, other) => one && one.length === other.length && one.every((value, i) => value === other[i]);

// --- the map ---

function makeMap(data, record, words, fill) {
  const container = document.getElementById("map");
  const { land, style } = data;
  const arcs = decodeArcs(land.topology);
  land.isInterpolated = [];
  land.interpolated.forEach((arc) => (land.isInterpolated[arc] = true));
  const map = L.map(container, {
    zoomControl: false,
    attributionControl: false,
    zoomSnap: 0.25,
    zoomDelta: 0.5,
    scrollWheelZoom: false,
    // One finger scrolls the article, two move the map.
    dragging: !L.Browser.mobile,
    zoomAnimation: false,
    fadeAnimation: false,
    markerZoomAnimation: false,
    maxZoom: MAX_ZOOM,
  });
  const renderer = {};
  Object.entries(PANES).forEach(([pane, zIndex]) => {
    map.createPane(pane).style.zIndex = zIndex;
    if (!["relief", "names"].includes(pane)) renderer[pane] = L.svg({ pane, padding: 0.25 });
  });
  const bounds = ([west, south, east, north]) => L.latLngBounds([south, west], [north, east]);
  const home = bounds(data.home);
  const extent = bounds(data.extent);
  map.fitBounds(home, { padding: [6, 6], animate: false });
  map.setMaxBounds(extent.pad(0.6));
  map.setMinZoom(Math.min(6, map.getBoundsZoom(extent)));
  L.rectangle(extent.pad(3), {
    pane: "land",
    renderer: renderer.land,
    interactive: false,
    stroke: false,
    fillColor: style.base.paper,
    fillOpacity: 1,
    className: "ground",
  }).addTo(map);

  const outlines = land.topology.objects.land.geometries.map((one) =>
    one.arcs.map((rings) => rings.map((ring) => ringOf(ring, arcs))),
  );

  // Neighbours share their vertices and are drawn without smoothing edges: no seam shows, so no stroke is needed.
  function drawLand(pane, interactive) {
    return outlines.map((rings) => {
      const look = {
        pane,
        renderer: renderer[pane],
        interactive,
        stroke: false,
        fillOpacity: 1,
        smoothFactor: 0,
        className: "piece",
      };
      return L.polygon(rings, look).addTo(map);
    });
  }

  function drawLines(kinds, frontPane) {
    const found = {};
    kinds.forEach((kind) => {
      const pane = FRONT_KINDS.includes(kind) ? frontPane : "lines";
      const look = { pane, renderer: renderer[pane], interactive: false, noClip: true };
      const own = style.lines[kind];
      const casing =
        own.casing &&
        L.polyline([], {
          ...look,
          color: own.casing,
          weight: own.width + 2,
          opacity: 0.75,
          className: `casing line-${kind}`,
        }).addTo(map);
      const line = L.polyline([], {
        ...look,
        color: own.colour,
        weight: own.width,
        opacity: own.opacity || 1,
        dashArray: own.dash || null,
        className: `line line-${kind}`,
      }).addTo(map);
      found[kind] = { line, casing, arcs: null };
    });
    return found;
  }

  const layers = {
    first: { pieces: drawLand("land", true), lines: drawLines(LINE_KINDS, "fronts"), fills: [] },
    second: null,
  };
  const reliefImage = document.getElementById("relief-image");
  if (data.relief && reliefImage)
    L.imageOverlay(reliefImage.getAttribute("href"), bounds(data.relief), {
      pane: "relief",
      className: "relief",
      alt: "",
    }).addTo(map);
  data.waters.forEach((courses, number) => {
    const lines = courses.map((steps) => decodeCourse(steps, data.unit));
    const look = { pane: "water", renderer: renderer.water, interactive: false, color: style.base.water_line };
    if (data.isLake[number])
      L.polygon(lines, { ...look, weight: 0.8, fillColor: style.base.water, fillOpacity: 1 }).addTo(map);
    else L.polyline(lines, { ...look, weight: 1.3 }).addTo(map);
  });

  function restyle(target, frame, faded) {
    let changed = 0;
    target.pieces.forEach((piece, group) => {
      const colour = fill(frame.cls[group], frame.strong[group], frame.open[group]);
      const opacity = faded && faded[group] ? 0.25 : 1;
      const key = `${colour} ${opacity}`;
      if (target.fills[group] === key) return;
      target.fills[group] = key;
      changed += 1;
      // Leaflet's own setStyle writes ten attributes; these two are what differs, and it keeps them on redraw.
      piece.options.fillColor = colour;
      piece.options.fillOpacity = opacity;
      piece.getElement().setAttribute("fill", colour);
      piece.getElement().setAttribute("fill-opacity", opacity);
    });
    const wanted = linesOf(frame, land, record);
    Object.entries(target.lines).forEach(([kind, own]) => {
      if (sameNumbers(own.arcs, wanted[kind])) return;
      own.arcs = wanted[kind];
      const courses = chain(own.arcs, arcs);
      own.line.setLatLngs(courses);
      if (own.casing) own.casing.setLatLngs(courses);
    });
    return changed;
  }

  function setFrame(frame, faded) {
    return restyle(layers.first, frame, faded);
  }

  // The second date lies over the first and is cut at the divider; it is made when first compared.
  function setSecond(frame) {
    if (frame && !layers.second)
      layers.second = {
        pieces: drawLand("second", false),
        lines: drawLines(FRONT_KINDS, "secondFronts"),
        fills: [],
      };
    if (frame) restyle(layers.second, frame);
    ["second", "secondFronts"].forEach((pane) => (map.getPane(pane).style.display = frame ? "" : "none"));
    container.classList.toggle("compared", Boolean(frame));
  }

  function setDivider(share) {
    const size = map.getSize();
    const from = map.containerPointToLayerPoint([size.x * share, 0]);
    const to = map.containerPointToLayerPoint(size);
    const start = map.containerPointToLayerPoint([0, 0]);
    const clip = (x1, x2) => `rect(${start.y}px, ${x2}px, ${to.y}px, ${x1}px)`;
    ["second", "secondFronts"].forEach((pane) => (map.getPane(pane).style.clip = clip(from.x, to.x)));
    // The first date's lines must not show through on the second's half.
    const isCut = container.classList.contains("compared");
    map.getPane("fronts").style.clip = isCut ? clip(start.x, from.x) : "";
  }

  return { map, container, home, extent, arcs, outlines, layers, renderer, setFrame, setSecond, setDivider };
}

// --- things with dates over the land ---

function makeDated(data, record, view, holder) {
  return data.dated.map((item) => drawDated(item, data, record, view, markOf(item.look, holder)));
}

// The mark of a kind of overlay or claim as a pattern without a ground: the land stays seen.
function markOf({ key, tile, colour }, holder) {
  if (!tile) return null;
  const id = `mark-${key}`;
  if (!holder.querySelector(`#${id}`)) {
    const stroke = { d: tile.path, fill: "none", stroke: colour, "stroke-width": tile.stroke };
    const box = { id, width: tile.size, height: tile.size, patternUnits: "userSpaceOnUse" };
    holder.append(svgElement("pattern", box, svgElement("path", stroke)));
  }
  return `url(#${id})`;
}

function drawDated(item, data, record, view, mark) {
  const { map, arcs, outlines, renderer } = view;
  const { left, right } = data.land;
  const base = {
    pane: "dated",
    renderer: renderer.dated,
    interactive: false,
    className: `dated dated-${item.switch}`,
  };
  const stroke = { ...base, fill: false, noClip: true, color: item.look.colour, weight: item.look.width };
  const cased = { ...stroke, color: item.look.casing, weight: item.look.width + 2, opacity: 0.8 };
  const casing = item.look.casing ? L.polyline([], cased).addTo(map) : null;
  const line = L.polyline([], { ...stroke, dashArray: item.look.dash || null }).addTo(map);
  // Bars across a road that is blocked or closed: a broad line of short dashes.
  const tied = { ...stroke, weight: item.look.tie_width, dashArray: item.look.ties, lineCap: "butt" };
  const ties = item.look.ties ? L.polyline([], tied).addTo(map) : null;
  const area = mark ? L.polygon([], { ...base, stroke: false, fillColor: mark, fillOpacity: 1 }).addTo(map) : null;
  const course = (steps) => decodeCourse(steps, data.unit);
  const solid = { ...base, color: item.look.casing, weight: 1.2, fillColor: item.look.colour, fillOpacity: 1 };
  const head = item.heads ? L.polygon(item.heads.map(course), solid).addTo(map) : null;
  const icon = () => L.divIcon({ className: "post", iconSize: [11, 11] });
  const posts = (item.posts || []).map((at) =>
    L.marker(at, { icon: icon(), interactive: false, keyboard: false }).addTo(map),
  );
  const parts = [casing, line, ties, area, head, ...posts].filter(Boolean);
  let drawn = null;

  // A claim is open where the side that raises it does not hold.
  function coveredOn(frame) {
    return (item.groups || []).filter((group) => !item.side || record.sideOf[frame.held[group]] !== item.side);
  }

  function shape(frame) {
    const groups = coveredOn(frame);
    if (sameNumbers(drawn, groups)) return;
    drawn = groups;
    const courses = item.lines ? item.lines.map(course) : outlineOf(groups, left, right, arcs);
    [casing, line, ties].filter(Boolean).forEach((one) => one.setLatLngs(courses));
    if (area) area.setLatLngs(groups.flatMap((group) => outlines[group]));
  }

  const inForce = (day) => item.from <= day && (item.to === null || day < item.to);
  const isThere = (frame) =>
    inForce(frame.day) && frame.view !== "recognised" && !(item.side && !coveredOn(frame).length);

  function show(frame, hidden) {
    const isShown = isThere(frame) && !hidden;
    if (isShown) shape(frame);
    parts.forEach((part) => (part.getElement().style.display = isShown ? "" : "none"));
  }

  const covers = (frame, group) => isThere(frame) && coveredOn(frame).includes(group);
  return { item, isThere, covers, show };
}

// The arcs that have a covered group on one side only.
function outlineOf(groups, left, right, arcs) {
  const covered = new Set(groups);
  return chain(
    left.map((_, arc) => arc).filter((arc) => covered.has(left[arc]) !== covered.has(right[arc])),
    arcs,
  );
}
