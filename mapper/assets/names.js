// Names on a Leaflet map, in order of weight, none upon another. All text goes in as text, never as markup.
(function () {
  "use strict";

  // Smallest zoom at which a place of a rank may have its name, if there is room for it.
  const RANK_ZOOM = { 1: 0, 2: 6.5, 3: 8, 4: 9.5 };
  // Air on either side of a name, pixels; above and below its own line height is enough.
  const GAP = 3;
  // Half the side of the box around a place's dot, pixels.
  const DOT = 5;

  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function isolated(text, lang) {
    const element = make("bdi", "", text);
    if (lang) element.lang = lang;
    return element;
  }

  // Names come to the page when a zoom first wants them: hundreds of villages never do. Gives a function that takes
  // them all away again.
  function drawNames(map, list) {
    const names = list.map((name) => ({ ...name }));
    const place = () => placeNames(map, names);
    map.on("zoomend", place);
    place();
    return () => {
      map.off("zoomend", place);
      names.forEach((name) => name.marker && name.marker.remove());
    };
  }

  function addName(map, name) {
    const element = make("div");
    if (name.kind === "place") element.append(make("span", "dot"));
    name.text = element.appendChild(make("span", "text"));
    const [first, ...others] = name.names;
    name.text.appendChild(make("span", "first")).append(isolated(...first));
    if (others.length) {
      const second = name.text.appendChild(make("span", "second"));
      others.forEach(([word, lang], index) => second.append(index ? " · " : "", isolated(word, lang)));
    }
    const icon = L.divIcon({ className: `name ${name.kind} rank-${name.rank}`, html: element, iconSize: [0, 0] });
    const options = { icon, interactive: false, keyboard: false, pane: "names" };
    name.marker = L.marker(name.at, options).addTo(map);
    name.holder = name.marker.getElement();
  }

  // Names in order of weight; each takes the first of its places that is free, or waits for a closer zoom. Dots of
  // towns are kept free if that can be done, or a big name would hide the town beside it.
  function placeNames(map, names) {
    const zoom = map.getZoom();
    const wanted = names.filter((name) =>
      name.kind === "place" ? zoom >= (RANK_ZOOM[name.rank] || 0) : zoom >= name.from && zoom < name.to
    );
    const added = wanted.filter((name) => !name.marker);
    added.forEach((name) => addName(map, name));
    // Measured all together, so that the browser lays the page out once.
    added.forEach((name) => {
      name.width = Math.ceil(name.text.offsetWidth);
      name.height = Math.ceil(name.text.offsetHeight);
    });
    const points = new Map(wanted.map((name) => [name, map.latLngToLayerPoint(name.at)]));
    const towns = wanted.filter((name) => name.kind === "place" && name.rank <= 2);
    const dots = new Map(towns.map((name) => [name, dotAt(points.get(name))]));
    const taken = [];
    names.forEach((name) => name.holder && name.holder.classList.add("off"));
    wanted.forEach((name) => {
      const others = towns.filter((town) => town !== name).map((town) => dots.get(town));
      const point = points.get(name);
      const spot = freeSpot(point, name, taken, [...taken, ...others]) || freeSpot(point, name, taken, taken);
      if (!spot) return;
      taken.push(...spot.boxes);
      name.holder.classList.remove("off");
      name.text.style.transform = `translate(${spot.left}px, ${spot.top}px)`;
      name.text.style.textAlign = spot.align;
    });
  }

  // Where a name can stand: its dot, if it has one, on nothing taken, its text on nothing to be avoided.
  function freeSpot(point, name, taken, avoided) {
    const { width: w, height: h } = name;
    const isPlace = name.kind === "place";
    const dot = dotAt(point);
    if (isPlace && overlaps(dot, taken)) return null;
    const beside = [
      [8, -h / 2, "left"],
      [-8 - w, -h / 2, "right"],
      [8, 1 - h / 3, "left"],
      [-8 - w, 1 - h / 3, "right"],
      [-w / 2, 6, "center"],
      [-w / 2, -6 - h, "center"],
      [5, 2, "left"],
      [5, -2 - h, "left"],
      [-5 - w, 2, "right"],
      [-5 - w, -2 - h, "right"],
    ];
    const around = [0, -26, 26, -52, 52].map((shift) => [-w / 2, shift - h / 2, "center"]);
    for (const [left, top, align] of isPlace ? beside : around) {
      const box = boxAt(point, left, top, w, h);
      if (!overlaps(box, avoided)) return { left, top, align, boxes: isPlace ? [dot, box] : [box] };
    }
    return null;
  }

  function boxAt(point, left, top, width, height) {
    return [point.x + left - GAP, point.y + top, point.x + left + width + GAP, point.y + top + height];
  }

  function dotAt({ x, y }) {
    return [x - DOT, y - DOT, x + DOT, y + DOT];
  }

  function overlaps([left, top, right, bottom], taken) {
    return taken.some((box) => left < box[2] && right > box[0] && top < box[3] && bottom > box[1]);
  }

  window.MapNames = { make, isolated, drawNames };
})();
