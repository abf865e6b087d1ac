"""Who cites which source: the toy by hand, the packaged data whole."""

from __future__ import annotations

import pytest

from mapper.citations import count_citations, find_citations, find_source
from mapper.errors import MapperError


def test_the_gazette_is_cited_by_four_changes_and_a_figure(toy_atlas) -> None:
    """In the order of the files; the change that names two sources cites both."""
    source, citations = find_source(toy_atlas.data, "toy-gazette")
    assert source.title == "Source toy-gazette"
    assert [(item.file, item.record) for item in citations] == [
        ("changes.csv", "oblast-1992"),
        ("changes.csv", "east-1993"),
        ("changes.csv", "east-1993-azerbaijan"),
        ("changes.csv", "rumour-2024"),
        ("figures.csv", "oblast-area"),
    ]


def test_the_most_cited_comes_first(toy_atlas) -> None:
    """The chronicle: twelve changes, an event, two assertions; the survey: places, the war and every outline."""
    counts = {source.id: count for source, count in count_citations(toy_atlas.data)}
    assert (counts["toy-chronicle"], counts["toy-gazette"]) == (15, 5)
    assert counts["toy-survey"] == len(toy_atlas.data.versions) + 6
    assert list(counts.values()) == sorted(counts.values(), reverse=True)


@pytest.mark.parametrize(
    ("name", "hint"), [("toy-gazete", "toy-gazette"), ("survey", "toy-survey"), ("qqq", "mapper sources lists all")]
)
def test_unknown_sources_are_suggested(toy_atlas, name: str, hint: str) -> None:
    """By resemblance, else by a part of the id."""
    with pytest.raises(MapperError, match=hint):
        find_source(toy_atlas.data, name)


def test_every_source_is_cited_and_no_record_cites_one_twice(atlas) -> None:
    """In the packaged data; the counts are those of the citations."""
    citations = list(find_citations(atlas.data))
    assert len(citations) == len(set(citations))
    counts = count_citations(atlas.data)
    assert sum(count for _, count in counts) == len(citations)
    assert all(count for _, count in counts)
