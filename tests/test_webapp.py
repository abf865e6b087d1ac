"""The web view, asked without a network."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
import shapely
from starlette.testclient import TestClient

from mapper.webapp import MAX_QUERY, create_app

if TYPE_CHECKING:
    from mapper import Atlas


@pytest.fixture(scope="module")
def client(toy_atlas: Atlas) -> TestClient:
    """A client of the toy data."""
    return TestClient(create_app(toy_atlas), raise_server_exceptions=True)


@pytest.mark.parametrize(
    ("format_", "start"),
    [("html", b"<!DOCTYPE html"), ("svg", b"<?xml"), ("png", b"\x89PNG"), ("csv", b"controller,"), ("json", b"{")],
)
def test_a_snapshot_in_every_format(client: TestClient, format_: str, start: bytes) -> None:
    """Each with its media type."""
    answer = client.get("/snapshot", params={"date": "2000-01-01", "format": format_})
    assert answer.status_code == 200
    assert answer.content.lower().startswith(start.lower())
    assert format_.replace("svg", "svg+xml") in answer.headers["content-type"]


def test_geometry_tiles_the_land(client: TestClient, toy_atlas: Atlas) -> None:
    """The GeoJSON holds all the land of the toy."""
    features = client.get("/snapshot?datetime=2000-01-01T00:00:00Z&format=geojson").json()["features"]
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(toy_atlas.mosaic.polygons).sum())


def test_the_article_page_and_how_to_embed_it(client: TestClient) -> None:
    """The front page, the page of a day, its picture, the snippet, and the oEmbed answer for its address."""
    assert 'class="still"' in client.get("/").text
    page = client.get("/page/2000-01-01.html")
    assert page.headers["content-type"].startswith("text/html")
    assert "1 January 2000" in page.text
    assert client.get("/page/2000-01-01.svg").text.startswith("<?xml")
    snippet = client.get("/embed?date=2000-01-01").text
    assert "http://testserver/page/2000-01-01.html#allow=" in snippet
    assert "http://testserver/page/2000-01-01.svg" in snippet
    answer = client.get("/oembed", params={"url": "http://testserver/page/2000-01-01.html"}).json()
    assert (answer["version"], answer["type"], answer["html"]) == ("1.0", "rich", snippet)


def test_areas_of_a_day_equal_the_table(client: TestClient, toy_atlas: Atlas) -> None:
    """By controller, with credits."""
    answer = client.get("/areas?date=2000-01-01&by=controller").json()
    rows = toy_atlas.snapshot("2000-01-01").area_table().rows
    assert [(row["controller"], row["area_km2"]) for row in answer["rows"]] == [
        (row["controller"], pytest.approx(row["area_km2"])) for row in rows
    ]
    assert (answer["licence"], answer["data_version"]) == ("CC BY 4.0", toy_atlas.data_version)


@pytest.mark.parametrize("interval", ["2019-01-01/2020-12-31", "../2020-12-31", "2019-01-01/.."])
def test_areas_of_an_interval_list_its_change_dates(client: TestClient, interval: str) -> None:
    """As CSV, open ends included."""
    answer = client.get("/areas", params={"datetime": interval, "by": "controller,district", "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len({row["day"] for row in rows}) > 1
    assert {row["division"] for row in rows} == {"rayon"}


def test_who_holds_a_point_or_a_place(client: TestClient) -> None:
    """A name and its coordinates give one answer, with every change that reached it."""
    by_name = client.get("/who", params={"place": "gate", "date": "2021-01-01"}).json()
    assert by_name["controller"] == "russian-peacekeepers"
    assert [change["id"] for change in by_name["changes"]][:2] == ["soviet-start", "azerbaijan-1992"]


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/snapshot?date=2040-01-01", 400, "covered span"),
        ("/snapshot?date=yesterday", 400, "YYYY-MM-DD"),
        ("/snapshot?date=2000-01-01&datetime=2000-01-01", 400, "not both"),
        ("/snapshot?datetime=2000-01-01/2001-01-01", 400, "one day"),
        ("/areas?datetime=2001-01-01/2000-01-01", 400, "backwards"),
        ("/areas?datetime=1/2/3", 400, "no interval"),
        ("/areas?date=2000-01-01&by=colour", 400, "choose from"),
        ("/areas?date=2000-01-01&division=moon&by=district", 400, "no division"),
        ("/snapshot?date=2000-01-01&account=moon", 400, "account"),
        ("/page/2000-01-01.exe", 400, "no page"),
        ("/page/yesterday.html", 400, "YYYY-MM-DD"),
        ("/oembed?url=https://example.org/", 404, "no page of this server"),
        ("/oembed", 422, "required"),
        ("/who?place=atlantis", 404, "no place is called"),
        ("/who?lon=-170&lat=1", 404, "outside"),
        ("/who?lon=-170", 400, "lon and lat"),
        ("/who?lon=999&lat=1", 422, "less than or equal"),
        ("/snapshot?format=exe", 422, "geojson"),
        ("/snapshot?date=" + "1" * 300, 422, "200 characters"),
        ("/snapshot?x=" + "1" * MAX_QUERY, 414, "at most"),
    ],
)
def test_what_cannot_be_answered_says_why(client: TestClient, path: str, status: int, told: str) -> None:
    """As JSON, never with a traceback."""
    answer = client.get(path)
    assert (answer.status_code, told in answer.text) == (status, True), answer.text
    assert "Traceback" not in answer.text


def test_answers_can_be_kept(client: TestClient) -> None:
    """The same tag for the same question; a reader that has it gets an empty answer."""
    first = client.get("/areas?date=2000-01-01")
    assert "max-age" in first.headers["cache-control"]
    again = client.get("/areas?date=2000-01-01", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/areas?date=2001-01-01").headers["etag"] != first.headers["etag"]
    assert "cache-control" not in client.get("/areas?date=x").headers


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_can_be_written(client: TestClient, method: str) -> None:
    """Read-only."""
    assert client.request(method, "/areas").status_code == 405


def test_other_host_names_are_refused(client: TestClient) -> None:
    """A page elsewhere cannot reach the server through a name of its own."""
    assert client.get("/areas", headers={"Host": "evil.example"}).status_code == 400


def test_it_describes_itself(client: TestClient) -> None:
    """OpenAPI names every route; there is no page that loads scripts from elsewhere."""
    described = client.get("/openapi.json").json()
    assert {"/", "/page/{name}", "/embed", "/oembed", "/snapshot", "/areas", "/who"} <= set(described["paths"])
    assert client.get("/docs").status_code == 404


def test_every_answer_carries_the_safe_headers(client: TestClient) -> None:
    """Also the errors."""
    for path in ("/", "/areas", "/snapshot?date=x"):
        assert client.get(path).headers["x-content-type-options"] == "nosniff"
