// The data stands in the page, or beside it where a strict host wants scripts in files.
const inline = byId("data");
if (inline) {
  start(JSON.parse(inline.textContent));
} else {
  const { src, integrity } = document.body.dataset;
  fetch(src, { integrity })
    .then((answer) => answer.json())
    .then(start);
}
