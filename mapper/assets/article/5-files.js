// Files of the current day, made inside the page: SVG, PNG, CSV, GeoJSON.
const FILE_WIDTH = 1000;
const FONT = "'Noto Sans','Noto Sans Armenian','DejaVu Sans',Verdana,sans-serif";

function save(name, type, content) {
  const link = make("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// The map as it is seen, as one drawing that stands alone: land of one look is one path, text is text.
function stillMap({ view, data, entries, title, subtitle, notes, isBare }) {
  const { map, layers } = view;
  const size = map.getSize();
  const factor = FILE_WIDTH / size.x;
  const [mapTop, mapHeight] = [isBare ? 0 : 70, size.y * factor];
  const legendTop = mapTop + mapHeight + 26;
  const origin = map.layerPointToContainerPoint([0, 0]);
  const lines = notes.flatMap((text) => wrap(text, 150));
  const full = legendTop + Math.ceil(entries.length / 2) * 30 + lines.length * 15 + 24;
  const height = isBare ? mapHeight : full;
  const { base } = data.style;
  const svg = svgElement("svg", {
    xmlns: SVG_NS,
    width: FILE_WIDTH,
    height: Math.round(height),
    viewBox: `0 0 ${FILE_WIDTH} ${Math.round(height)}`,
    "font-family": FONT,
    fill: base.text,
  });
  const defs = svgElement("defs", {}, ...[...byId("looks").children].map((one) => one.cloneNode(true)));
  defs.append(svgElement("clipPath", { id: "frame" }, svgElement("rect", { width: size.x, height: size.y })));
  svg.append(
    svgElement("title", {}, title),
    defs,
    svgElement("rect", { width: "100%", height: "100%", fill: base.panel }),
  );
  const heads = [
    svgElement("text", { x: 14, y: 32, "font-size": 24, "font-weight": 700 }, title),
    svgElement("text", { x: 14, y: 55, "font-size": 14 }, subtitle),
  ];
  if (!isBare) svg.append(...heads);
  const frame = svgElement("g", { transform: `translate(0,${mapTop}) scale(${factor})`, "clip-path": "url(#frame)" });
  frame.append(svgElement("rect", { width: size.x, height: size.y, fill: base.paper }));
  const shifted = svgElement("g", { transform: `translate(${origin.x},${origin.y})` });
  shifted.append(...landPaths(layers.first), ...reliefImage(map), ...clonedPaths(map));
  frame.append(shifted, ...nameTexts(map, base));
  svg.append(frame);
  if (isBare) return svg;
  svg.append(...legendTexts(entries, legendTop, base));
  const notesTop = legendTop + Math.ceil(entries.length / 2) * 30;
  lines.forEach((text, index) =>
    svg.append(svgElement("text", { x: 14, y: notesTop + 14 + index * 15, "font-size": 11, fill: base.muted }, text)),
  );
  return svg;
}

function landPaths(target) {
  const shapes = new Map();
  target.pieces.forEach((piece) => {
    const path = piece.getElement().getAttribute("d");
    const key = `${piece.options.fillColor} ${piece.options.fillOpacity}`;
    if (path && path !== "M0 0") shapes.set(key, (shapes.get(key) || "") + path);
  });
  return [...shapes].map(([key, d]) => {
    const [fill, opacity] = key.split(" ");
    return svgElement("path", {
      d,
      fill,
      "fill-opacity": opacity,
      "fill-rule": "evenodd",
      "shape-rendering": "crispEdges",
    });
  });
}

function reliefImage(map) {
  const image = map.getPane("relief").querySelector("img");
  if (!image || getComputedStyle(map.getPane("relief")).display === "none") return [];
  const at = L.DomUtil.getPosition(image);
  const box = { x: at.x, y: at.y, width: image.offsetWidth, height: image.offsetHeight };
  const copy = svgElement("image", { href: image.src, ...box, preserveAspectRatio: "none" });
  copy.style.mixBlendMode = "multiply"; // as an attribute the page's own policy would refuse it
  return [copy];
}

function clonedPaths(map) {
  const found = [];
  ["water", "dated", "lines", "fronts"].forEach((pane) => {
    map
      .getPane(pane)
      .querySelectorAll("path")
      .forEach((path) => {
        const shown = getComputedStyle(path).display !== "none" && path.getAttribute("d") !== "M0 0";
        if (!shown) return;
        const copy = path.cloneNode();
        ["class", "style", "pointer-events"].forEach((name) => copy.removeAttribute(name));
        found.push(copy);
      });
  });
  return found;
}

function nameTexts(map, base) {
  const frame = map.getContainer().getBoundingClientRect();
  const found = [];
  map
    .getPane("names")
    .querySelectorAll(".name:not(.off)")
    .forEach((name) => {
      if (getComputedStyle(name).display === "none") return;
      const dot = name.querySelector(".dot");
      if (dot) {
        const box = dot.getBoundingClientRect();
        found.push(
          svgElement("circle", {
            cx: box.left + box.width / 2 - frame.left,
            cy: box.top + box.height / 2 - frame.top,
            r: box.width / 2,
            fill: base.text,
            stroke: base.halo,
          }),
        );
      }
      name.querySelectorAll(".first, .second").forEach((line) => found.push(textLike(line, frame, base)));
    });
  return found;
}

function textLike(line, frame, base) {
  const box = line.getBoundingClientRect();
  const look = getComputedStyle(line);
  const size = parseFloat(look.fontSize);
  const anchor = { center: "middle", right: "end" }[getComputedStyle(line.parentElement).textAlign] || "start";
  const x = { start: box.left, middle: box.left + box.width / 2, end: box.right }[anchor] - frame.left;
  const text = look.textTransform === "uppercase" ? line.textContent.toUpperCase() : line.textContent;
  return svgElement(
    "text",
    {
      x: x.toFixed(1),
      y: (box.top - frame.top + box.height / 2 + size * 0.35).toFixed(1),
      "font-size": size,
      "font-weight": look.fontWeight,
      "text-anchor": anchor,
      fill: base.text,
      stroke: base.halo,
      "stroke-width": 2.5,
      "stroke-linejoin": "round",
      "paint-order": "stroke",
      "letter-spacing": look.letterSpacing === "normal" ? null : look.letterSpacing,
    },
    text,
  );
}

function legendTexts(entries, top, base) {
  return entries.flatMap((entry, index) => {
    const x = 14 + (index % 2) * (FILE_WIDTH / 2);
    const y = top + Math.floor(index / 2) * 30;
    const text = [entry.label, entry.note].filter(Boolean).join(", ");
    return [
      svgElement("rect", {
        x,
        y: y - 14,
        width: 30,
        height: 18,
        fill: entry.colour,
        stroke: base.muted,
        "stroke-width": 0.8,
      }),
      svgElement("text", { x: x + 38, y, "font-size": 12 }, text.length > 62 ? `${text.slice(0, 61)}…` : text),
      svgElement("text", { x: x + FILE_WIDTH / 2 - 30, y, "font-size": 12, "text-anchor": "end" }, entry.areaText),
    ];
  });
}

function wrap(text, limit) {
  const lines = [""];
  text.split(" ").forEach((word) => {
    if (lines[lines.length - 1].length + word.length > limit) lines.push("");
    lines[lines.length - 1] += `${word} `;
  });
  return lines.slice(0, 6);
}

function toPng(svg, done) {
  const text = new XMLSerializer().serializeToString(svg);
  const image = new Image();
  image.onload = () => {
    const canvas = make("canvas");
    const [width, height] = ["width", "height"].map((side) => Number(svg.getAttribute(side)) * 2);
    Object.assign(canvas, { width, height });
    canvas.getContext("2d").drawImage(image, 0, 0, width, height);
    canvas.toBlob(done, "image/png");
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
}

// Rows by controller, status and sovereign, as ``mapper area --by controller,status,sovereign`` prints them.
function areaRows(frame, data, record) {
  const sums = new Map();
  frame.held.forEach((cls, group) => {
    const key = [record.controllerOf[cls], record.statusOf[cls], frame.sovereign[group]].join(",");
    sums.set(key, (sums.get(key) || 0) + data.land.area[group]);
  });
  return [...sums].sort((a, b) => b[1] - a[1]).map(([key, area]) => [...key.split(","), area / KM2]);
}

const csvCell = (value) => (/[",\n]/.test(value) ? `"${String(value).replace(/"/g, '""')}"` : String(value));

function toCsv(frame, data, record, about) {
  const heads = ["date", "controller", "status", "sovereign", "area_km2", "mode", ...Object.keys(about)];
  const rows = areaRows(frame, data, record).map(([controller, status, sovereign, area]) => [
    about.day,
    controller,
    status,
    sovereign,
    area.toFixed(6),
    frame.mode,
    ...Object.values(about),
  ]);
  return [heads, ...rows].map((row) => row.map(csvCell).join(",")).join("\n") + "\n";
}

// A feature a group: neighbours of one unit in one MultiPolygon would be no valid shape.
function toGeoJson(frame, data, record, view, about) {
  const features = view.outlines.map((outline, group) => {
    const state = record.stateOn(group, frame.day, frame.mode);
    const change = data.changes[state.change];
    return {
      type: "Feature",
      properties: {
        controller: record.controllerOf[state.cls],
        status: record.statusOf[state.cls],
        sovereign: frame.sovereign[group],
        since: about.iso(state.since),
        change: change ? change.id : null,
        sources: change ? change.sources.map((number) => data.sources[number]) : [],
        area_km2: data.land.area[group] / KM2,
      },
      geometry: { type: "MultiPolygon", coordinates: outline.map((rings) => rings.map(closed)) },
    };
  });
  const { iso, ...said } = about;
  const note = "Outlines are simplified for drawing; areas are those of the full outlines.";
  return JSON.stringify({ type: "FeatureCollection", ...said, mode: frame.mode, note, features });
}

function closed(ring) {
  const points = ring.map(({ lng, lat }) => [Number(lng.toFixed(4)), Number(lat.toFixed(4))]);
  return [...points, points[0]];
}
