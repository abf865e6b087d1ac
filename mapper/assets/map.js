// Draws the pieces, lines and names of a snapshot on a Leaflet map. All text goes in as text, never as markup.
(function () {
  "use strict";

  const { make, isolated, drawNames } = window.MapNames;

  // Panes from the ground up. Relief lies over the colours and is multiplied onto them; what a user adds lies above.
  const PANES = { land: 300, marks: 310, relief: 320, water: 330, overlays: 334, claims: 336, lines: 340, names: 640 };
  const SMALL_SCREEN = "(max-width: 640px)";
  // Closer than this the lines would promise more than their precision holds.
  const MAX_ZOOM = 12;

  function latLngs(bounds) {
    return L.latLngBounds([bounds[1], bounds[0]], [bounds[3], bounds[2]]);
  }

  // --- geometry: whole units, the start of a line and then its steps ---

  function positions(steps, scale) {
    const found = [];
    let lon = 0;
    let lat = 0;
    for (let i = 0; i < steps.length; i += 2) {
      lon += steps[i];
      lat += steps[i + 1];
      found.push([lat / scale, lon / scale]);
    }
    return found;
  }

  function polygons(rings, scale) {
    return rings.map((polygon) => polygon.map((ring) => positions(ring, scale)));
  }

  // --- land ---

  function drawLand(map, data, renderers) {
    // Paper under everything: what is multiplied needs a ground, also where there is no land of the two states.
    L.rectangle(latLngs(data.extent).pad(3), {
      pane: "land",
      renderer: renderers.land,
      interactive: false,
      stroke: false,
      fillColor: data.base.paper,
      fillOpacity: 1,
      className: "ground",
    }).addTo(map);
    const marks = [];
    const land = data.land.map((piece) => {
      const { fill, pattern } = data.styles[piece.style];
      const shape = polygons(piece.rings, data.scale);
      // The thin line in the fill's own colour closes the hair cracks between neighbours.
      const look = { fillColor: fill, fillOpacity: 1, color: fill, weight: 0.7, className: "piece" };
      const layer = L.polygon(shape, { ...look, pane: "land", renderer: renderers.land }).addTo(map);
      explain(map, data, piece, layer, look);
      if (pattern) marks.push([shape, pattern]);
      return layer;
    });
    marks.forEach(([shape, pattern]) => {
      const look = { fillColor: `url(#${pattern})`, fillOpacity: 1, stroke: false, className: "mark" };
      L.polygon(shape, { ...look, pane: "marks", renderer: renderers.marks, interactive: false }).addTo(map);
    });
    return land;
  }

  function explain(map, data, facts, layer, look) {
    if (window.matchMedia("(hover: hover)").matches) {
      layer.bindTooltip(() => card(data, facts, false), { className: "tip", sticky: true, opacity: 1 });
      layer.on("popupopen", () => layer.closeTooltip());
    }
    const maxWidth = Math.min(320, map.getSize().x - 90);
    // The buttons at the left edge stay clear of the card.
    const autoPanPaddingTopLeft = [56, 10];
    layer.bindPopup(() => card(data, facts, true), { className: "tip", maxWidth, minWidth: 200, autoPanPaddingTopLeft });
    // Leaflet's tooltip makes each shape a stop of the Tab key; the map's own Enter key serves the keyboard better.
    layer.getElement().setAttribute("tabindex", "-1");
    layer.on({
      mouseover: () => layer.setStyle({ color: data.base.text, weight: 2 }).bringToFront(),
      mouseout: () => layer.setStyle(look),
    });
  }

  function card(data, facts, withLinks) {
    const box = make("div");
    const [first, ...others] = facts.names;
    const title = make("h2");
    title.append(isolated(first[0], first[1]));
    box.append(title);
    if (others.length) {
      const also = make("p", "also");
      others.forEach(([text, lang], index) => also.append(index ? " · " : "", isolated(text, lang)));
      box.append(also);
    }
    const list = make("dl");
    facts.rows.forEach(([term, text], index) => {
      const value = make("dd", index ? "" : "strong");
      value.append(isolated(text));
      list.append(make("dt", "", term), value);
    });
    if (facts.sources.length) {
      const items = make("ul");
      facts.sources.forEach((id) => items.append(source(data.sources[id], withLinks)));
      const value = make("dd");
      value.append(items);
      list.append(make("dt", "", data.words.source), value);
    }
    box.append(list);
    return box;
  }

  function source({ title, url }, withLink) {
    const item = make("li");
    const linked = withLink && /^https?:\/\//.test(url || "");
    const holder = linked ? make("a") : item;
    if (linked) {
      holder.href = url;
      holder.rel = "noopener noreferrer";
      holder.target = "_blank";
      item.append(holder);
    }
    holder.append(isolated(title));
    return item;
  }

  // --- water, relief, lines ---

  function drawWater(map, data, renderers) {
    const look = { pane: "water", renderer: renderers.water, interactive: false, className: "water" };
    const line = { ...look, color: data.base.water_line };
    data.lakes.forEach((rings) => {
      const filled = { ...line, weight: 0.8, fillColor: data.base.water, fillOpacity: 1 };
      L.polygon(polygons(rings, data.scale), filled).addTo(map);
    });
    data.rivers.forEach((courses) => {
      const lines = courses.map((steps) => positions(steps, data.scale));
      L.polyline(lines, { ...line, weight: 1.3 }).addTo(map);
    });
  }

  function drawRelief(map, data) {
    if (data.relief) {
      L.imageOverlay(data.relief.image, latLngs(data.relief.bounds), { pane: "relief", className: "relief" }).addTo(map);
    }
  }

  function drawLines(map, data, renderers) {
    data.lines.forEach(({ kind, courses, style }) => {
      const lines = courses.map((steps) => positions(steps, data.scale));
      const look = { pane: "lines", renderer: renderers.lines, interactive: false };
      if (style.casing) {
        const casing = { color: style.casing, opacity: 0.75, weight: style.width + 2 };
        L.polyline(lines, { ...look, ...casing, className: `casing line-${kind}` }).addTo(map);
      }
      L.polyline(lines, {
        ...look,
        className: `line line-${kind}`,
        color: style.colour,
        dashArray: style.dash || null,
        opacity: style.opacity || 1,
        weight: style.width,
      }).addTo(map);
      if (style.ties) {
        // Short dashes of a broad line are bars across the road.
        const bars = { color: style.colour, dashArray: style.ties, weight: style.tie_width, lineCap: "butt" };
        L.polyline(lines, { ...look, ...bars, className: `ties line-${kind}` }).addTo(map);
      }
    });
  }

  // --- overlays and claims: outlines and marks over the land, which keeps its own card ---

  function drawMarkings(map, data, renderers) {
    data.markings.forEach(({ layer, style, rings, courses, head, posts, facts }) => {
      const look = { pane: layer, renderer: renderers[layer], interactive: false, fill: false };
      const { ink, casing, dash, pattern, width } = style;
      const shape = polygons(rings, data.scale);
      if (shape.length && pattern) {
        const mark = { ...look, fill: true, fillColor: `url(#${pattern})`, fillOpacity: 1, stroke: false };
        L.polygon(shape, { ...mark, className: "marking" }).addTo(map);
      }
      if (shape.length) {
        L.polygon(shape, { ...look, color: casing, weight: 4, opacity: 0.8 }).addTo(map);
        L.polygon(shape, { ...look, color: ink, weight: 1.7, dashArray: dash, className: "marking-line" }).addTo(map);
      }
      courses.forEach((steps) => {
        const line = positions(steps, data.scale);
        L.polyline(line, { ...look, color: casing, weight: width + 3, opacity: 0.85 }).addTo(map);
        L.polyline(line, { ...look, color: ink, weight: width, dashArray: dash, className: "link-line" }).addTo(map);
      });
      const solid = { fill: true, fillColor: ink, fillOpacity: 1, color: casing, weight: 1.2 };
      if (head.length) L.polygon(polygons(head, data.scale), { ...look, ...solid, className: "link-head" }).addTo(map);
      posts.forEach((at) => {
        const icon = L.divIcon({ className: "post", iconSize: [11, 11] });
        const post = L.marker(at, { icon, keyboard: false, zIndexOffset: -1000 }).addTo(map);
        post.bindPopup(() => card(data, facts, true), { className: "tip", maxWidth: 320, minWidth: 200 });
      });
    });
  }

  // --- controls ---

  const ICONS = {
    home: "M3 9.5 10 3.5 17 9.5M5 8.5V16.5H15V8.5",
    extent: "M3 7V3H7M13 3H17V7M17 13V17H13M7 17H3V13",
  };

  function iconButton(title, icon, action) {
    const button = make("button");
    button.type = "button";
    button.title = title;
    button.setAttribute("aria-label", title);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 20 20");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", ICONS[icon]);
    svg.append(path);
    button.append(svg);
    button.addEventListener("click", action);
    return button;
  }

  function addControls(map, data, views) {
    map.attributionControl.setPrefix(false);
    map.attributionControl.addAttribution(make("span", "", data.credit).outerHTML);
    L.control.zoom({ zoomInTitle: data.words["zoom-in"], zoomOutTitle: data.words["zoom-out"] }).addTo(map);
    const Extent = L.Control.extend({
      options: { position: "topleft" },
      onAdd: () => {
        const bar = make("div", "leaflet-bar leaflet-control leaflet-control-extent");
        bar.append(
          iconButton(data.words.home, "home", views.home),
          iconButton(data.words.extent, "extent", views.extent)
        );
        L.DomEvent.disableClickPropagation(bar);
        return bar;
      },
    });
    new Extent().addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
  }

  function connectPanel(map) {
    document.querySelectorAll("[data-layer]").forEach((box) => {
      const show = () => map.getContainer().classList.toggle(`hide-${box.dataset.layer}`, !box.checked);
      box.addEventListener("change", show);
      show();
    });
    const legend = document.querySelector("details.legend");
    if (legend && window.matchMedia(SMALL_SCREEN).matches) legend.removeAttribute("open");
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      document.querySelectorAll("details.notes[open]").forEach((notes) => notes.removeAttribute("open"));
    });
  }

  // Enter opens what lies under the middle of the map, so that every fact can be had without a pointer.
  function connectKeyboard(map, land) {
    const container = map.getContainer();
    container.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== container) return;
      const middle = map.getCenter();
      const box = container.getBoundingClientRect();
      const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      const layer = land.find((piece) => piece.getElement() === hit);
      if (layer) layer.openPopup(middle);
    });
  }

  window.drawControlMap = function (map, data) {
    const container = map.getContainer();
    container.setAttribute("aria-label", data.words.map);
    const renderers = {};
    Object.entries(PANES).forEach(([pane, zIndex]) => {
      map.createPane(pane).style.zIndex = zIndex;
      if (!["relief", "names"].includes(pane)) renderers[pane] = L.svg({ pane, padding: 0.4 });
    });
    const home = latLngs(data.home);
    const extent = latLngs(data.extent);
    // The legend stands over the right edge of a wide map: what matters goes beside it.
    const views = {
      home: () => map.fitBounds(home, fitting(map)),
      extent: () => map.fitBounds(extent, fitting(map)),
    };
    map.setMinZoom(0);
    map.setMaxZoom(MAX_ZOOM);
    map.fitBounds(home, { ...fitting(map), animate: false });
    map.setMaxBounds(extent.pad(0.6));
    const land = drawLand(map, data, renderers);
    drawRelief(map, data);
    drawWater(map, data, renderers);
    drawLines(map, data, renderers);
    drawMarkings(map, data, renderers);
    addControls(map, data, views);
    connectPanel(map);
    connectKeyboard(map, land);
    drawNames(map, data.names);
    map.setMinZoom(Math.min(6, map.getBoundsZoom(extent)));
    container.dataset.drawn = "true";
  };

  function fitting(map) {
    const side = document.querySelector(".side");
    const beside = side && side.querySelector("[open]") && map.getSize().x > 800;
    return { paddingTopLeft: [beside ? 50 : 10, 10], paddingBottomRight: [beside ? side.offsetWidth + 20 : 10, 10] };
  }
})();
