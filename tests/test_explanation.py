"""Why a face is what it is: each outcome on the toy by hand, and every face of the packaged data on some days."""

from __future__ import annotations

import pytest

from mapper.explanation import Explanation, Holder, explain


def explained(atlas, day: str, place: str, **options) -> Explanation:
    """The explanation of a place."""
    return explain(atlas.snapshot(day, **options), atlas.place_face[place])


def outcomes_of(found: Explanation) -> dict[str, str]:
    """Change to outcome."""
    return {step.change.id: step.outcome for step in found.steps}


def why(found: Explanation, change: str) -> str:
    """The words on one change."""
    return next(step.why for step in found.steps if step.change.id == change)


def test_the_last_change_decides_and_those_before_are_superseded(toy_atlas) -> None:
    """By the change that followed each; what comes later has not happened."""
    found = explained(toy_atlas, "1995-01-01", "gate")
    assert outcomes_of(found) == {
        "soviet-start": "superseded",
        "azerbaijan-1992": "superseded",
        "held-1993": "decides",
        "corridor-2020": "not-yet",
        "corridor-2022": "not-yet",
    }
    assert why(found, "soviet-start") == "by azerbaijan-1992 of 1992-01-01"
    assert why(found, "azerbaijan-1992") == "by held-1993 of 1993-04-03"
    assert why(found, "corridor-2020") == "happens in [2020-11-10..2020-12-01]"
    assert why(found, "corridor-2022") == "happens on 2022-08-26"
    assert found.holders == dict.fromkeys(("best", "certain", "possible"), Holder("artsakh", "held"))
    assert found.steps[2].decides_in == ("best", "certain", "possible")


def test_modes_differ_inside_the_days_of_a_change(toy_atlas) -> None:
    """In the window of oblast-1992: best waits for the best day, possible does not, certain cannot tell."""
    best = explained(toy_atlas, "1992-02-15", "centre")
    assert best.holders == {
        "best": Holder("azerbaijan", "held"),
        "certain": Holder("unknown", ""),
        "possible": Holder("artsakh", "held"),
    }
    assert best.admissible == ("azerbaijan", "artsakh")
    assert {step.change.id: step.decides_in for step in best.steps if step.decides_in} == {
        "azerbaijan-1992": ("best",),
        "oblast-1992": ("possible",),
    }
    words = "happens by its best day, 1992-03-01; may have happened already, [1992-02-01..1992-04-30]"
    assert why(best, "oblast-1992") == words
    certain = explained(toy_atlas, "1992-02-15", "centre", mode="certain")
    assert outcomes_of(certain) == {
        "soviet-start": "superseded",
        "azerbaijan-1992": "uncertain",
        "oblast-1992": "uncertain",
        "left-2023": "not-yet",
    }
    possible = explained(toy_atlas, "1992-02-15", "centre", mode="possible")
    assert outcomes_of(possible)["oblast-1992"] == "decides"
    assert outcomes_of(possible)["azerbaijan-1992"] == "superseded"


def test_accounts_not_chosen_are_named(toy_atlas) -> None:
    """With the one that counts in their stead."""
    default = explained(toy_atlas, "1993-07-01", "newtown-east")
    assert outcomes_of(default)["east-1993"] == "decides"
    assert outcomes_of(default)["east-1993-azerbaijan"] == "another-account"
    assert why(default, "east-1993-azerbaijan") == "the default is east-1993 (armenia)"
    chosen = explained(toy_atlas, "1993-07-01", "newtown-east", account="azerbaijan")
    assert outcomes_of(chosen)["east-1993-azerbaijan"] == "decides"
    assert why(chosen, "east-1993") == "the account azerbaijan is chosen: east-1993-azerbaijan"
    assert [step.change.id for step in chosen.steps if not step.in_force] == ["east-1993"]


@pytest.mark.parametrize(
    ("known", "outcome", "words"),
    [
        ("2024-05-01", "not-yet-public", "became public on 2024-05-02, after 2024-05-01"),
        ("2024-05-15", "decides", "the last change that has happened by its best day"),
        ("2024-06-01", "account-dropped", "public from 2024-05-02, dropped on 2024-06-01"),
    ],
)
def test_what_the_public_did_not_know(toy_atlas, known: str, outcome: str, words: str) -> None:
    """The rumour of 2024 counts only between its announcement and its end."""
    found = explain(toy_atlas.snapshot("2024-05-15", known=known), toy_atlas.face_of("-1.5,1.5")[1])
    assert outcomes_of(found)["rumour-2024"] == outcome
    assert why(found, "rumour-2024") == words


@pytest.mark.parametrize("mode", ["best", "certain", "possible"])
@pytest.mark.parametrize("day", ["1992-05-08", "1993-07-05", "2020-11-08", "2023-09-25"])
def test_every_face_is_explained(atlas, day: str, mode: str) -> None:
    """At most one change decides, the one that the snapshot says; without one the outcome is uncertain somewhere."""
    snapshot = atlas.snapshot(day, mode=mode)
    deciding = snapshot.deciding_changes()
    for face in range(atlas.mosaic.face_count):
        found = explain(snapshot, face)
        assert [step.change for step in found.steps] == list(atlas.log.reaching(face))
        decides = [step.change for step in found.steps if step.outcome == "decides"]
        assert decides == ([atlas.log.changes[deciding[face]]] if deciding[face] >= 0 else [])
        uncertain = {step.change.controller for step in found.steps if step.outcome == "uncertain"}
        assert uncertain == (set() if decides else set(found.admissible))
        assert all(step.why for step in found.steps)
