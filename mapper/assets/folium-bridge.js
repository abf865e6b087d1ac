// What folium's own popups and markers expect of a page, so that such layers can be added to this map offline.
(function () {
  "use strict";

  // folium's popups use two idioms of jQuery: $(`<div>...</div>`)[0] and $(document).ready(f).
  if (!window.$) {
    window.$ = function (what) {
      if (typeof what !== "string") return { ready: (action) => window.setTimeout(action, 0) };
      const template = document.createElement("template");
      template.innerHTML = what.trim();
      return [template.content.firstElementChild];
    };
  }
})();
