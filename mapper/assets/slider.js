// A slider under a folium map: the layer's features take the colours of the chosen day, and only what changes is touched.
(function () {
  "use strict";

  // The look of a group on a stop: the last entry of its course that has begun.
  function lookOn(course, stop) {
    let found = course[0][1];
    for (const [first, look] of course) {
      if (first > stop) break;
      found = look;
    }
    return found;
  }

  function byGroup(layer) {
    const groups = [];
    layer.eachLayer((one) => {
      groups[one.feature.properties.group] = one;
    });
    return groups;
  }

  function makeControl(map, data, choose) {
    const control = L.control({ position: "bottomleft" });
    control.onAdd = () => {
      const box = L.DomUtil.create("div", "leaflet-bar");
      Object.assign(box.style, { background: "#ffffff", padding: "6px 10px", width: "min(70vw, 420px)" });
      const day = L.DomUtil.create("output", "", box);
      Object.assign(day.style, { display: "block", font: "bold 15px sans-serif" });
      const input = L.DomUtil.create("input", "", box);
      Object.assign(input, { type: "range", min: 0, max: data.days.length - 1, value: data.days.length - 1 });
      input.style.width = "100%";
      input.setAttribute("aria-label", data.label);
      const show = () => {
        const { iso, name } = data.days[input.value];
        day.textContent = name;
        day.setAttribute("data-day", iso);
        input.setAttribute("aria-valuetext", name);
        choose(Number(input.value));
      };
      input.addEventListener("input", show);
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      show();
      return box;
    };
    control.addTo(map);
  }

  window.drawSlider = function (map, layer, data) {
    map.attributionControl.setPrefix(false);
    const credit = document.createElement("span");
    credit.textContent = data.credit;
    map.attributionControl.addAttribution(credit.outerHTML);
    const groups = byGroup(layer);
    const shown = data.courses.map(() => -1);
    makeControl(map, data, (stop) => {
      data.courses.forEach((course, group) => {
        const look = lookOn(course, stop);
        if (look === shown[group]) return;
        shown[group] = look;
        const { fill, label } = data.looks[look];
        groups[group].setStyle({ fillColor: fill, color: fill });
        groups[group].bindTooltip(document.createTextNode(label), { sticky: true });
      });
    });
  };
})();
