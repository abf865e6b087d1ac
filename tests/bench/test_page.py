"""The article page's budgets: size as sent, and what a step of the slider costs in script.

``python -m pytest tests/bench/test_page.py``; unlike the other benchmarks these two are asserted.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from mapper.article import make_article
from tests.test_browser import browser as browser  # noqa: PLC0414 - a fixture, used by its name

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser
    from pytest_benchmark.fixture import BenchmarkFixture

    from mapper import Atlas

MAX_GZIPPED = 300_000
MAX_STEP_MS = 16.0

# Goes through all stops there and back, five times; the least time of each step is that of its script, without what
# else the machine was doing. Painting is not counted.
STEPS = """() => {
  const page = window.articleMap;
  const stops = page.stops();
  const path = [...stops, ...[...stops].reverse()];
  const least = path.map(() => Infinity);
  for (let round = 0; round < 5; round += 1) {
    path.forEach((day, i) => {
      const start = performance.now();
      page.set({ day });
      least[i] = Math.min(least[i], performance.now() - start);
    });
  }
  return least.sort((a, b) => a - b);
}"""


@pytest.fixture(scope="module")
def html(atlas: Atlas) -> str:
    return make_article(atlas).to_html()


def test_making_the_page(benchmark: BenchmarkFixture, atlas: Atlas) -> None:
    """The whole record; its size as sent is a promise."""
    html = benchmark.pedantic(lambda: make_article(atlas).to_html(), rounds=3)
    size = len(gzip.compress(html.encode(), 9))
    benchmark.extra_info["gzipped"] = size
    assert size <= MAX_GZIPPED


def test_a_step_of_the_slider(browser: Browser, html: str, tmp_path: Path) -> None:
    """Every step stays under a frame at 60 a second."""
    path = tmp_path / "p.html"
    path.write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    took = page.evaluate(STEPS)
    page.close()
    print(f"{len(took)} steps, median {took[len(took) // 2]:.1f} ms, longest {took[-1]:.1f} ms")  # noqa: T201
    assert took[-1] < MAX_STEP_MS
