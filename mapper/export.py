"""A snapshot as files for geographic information systems: GeoJSON and GeoPackage; the GeoTIFF is in raster.py.

Every file carries its date, data version, attribution and licence, and the same snapshot gives the same bytes.
"""

from __future__ import annotations

import json
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapper.errors import MapperError
from mapper.geodata import DECIMALS
from mapper.labels import district_names
from mapper.overlays import covering_sources
from mapper.style import LANGUAGES, map_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import geopandas as gpd
    import shapely
    from numpy.typing import NDArray

    from mapper.snapshot import Snapshot

#: Decimals of km2: whole square metres.
KM2_DECIMALS = 6
_LOCK = threading.Lock()  # GDAL's configuration is one for all threads


def describe(snapshot: Snapshot, *, also: Iterable[str] = ()) -> dict[str, str]:
    """What every file says about itself: date, mode, view, what was known, data version, credits, licence.

    Parameters
    ----------
    also
        Ids of sources of what the file holds beyond the land itself: districts, places, rivers.
    """
    if snapshot.atlas is None:
        msg = "an export needs a snapshot of an atlas (its sources and version); use mapper.load().snapshot(day)"
        raise MapperError(msg)
    sources = sorted({*snapshot.source_ids(), *also})
    credit = {snapshot.atlas.sources[name].credit or "" for name in sources} - {""}
    return {
        "title": f"Territorial control on {snapshot.day}",
        "date": snapshot.day.isoformat(),
        "mode": snapshot.mode,
        "view": snapshot.view,
        "known": snapshot.known.isoformat(),
        "account": snapshot.account or "default",
        "data_version": snapshot.atlas.data_version,
        "attribution": "; ".join(sorted(credit)),
        "licence": snapshot.licence(),
        "sources": ";".join(sources),
        "gaps": " ".join(snapshot.gaps()),
        "area_method": "km2 on the WGS 84 ellipsoid, edges straight in lon/lat",
    }


def control(snapshot: Snapshot) -> gpd.GeoDataFrame:
    """The units of the snapshot ready for a file: plain text columns, coordinates rounded, exteriors ccw, EPSG:4326."""
    frame = snapshot.units()
    frame.insert(1, "label", [map_class(key, snapshot.log.parties).label["en"] for key in frame["class_key"]])
    frame["since"] = [day.isoformat() for day in frame["since"]]
    frame["sources"] = [";".join(sources) for sources in frame["sources"]]
    frame["area_km2"] = frame["area_km2"].round(KM2_DECIMALS)
    return frame.set_geometry(_canonical(frame.geometry.to_numpy()), crs=frame.crs)


def districts(snapshot: Snapshot) -> gpd.GeoDataFrame:
    """The districts of every division by their outline on the day or the nearest one, with names and areas, EPSG:4326.

    The divisions overlap: choose one by the column ``division`` before summing.
    """
    import geopandas as gpd
    import numpy as np
    import shapely

    mosaic = snapshot.mosaic
    rows: list[dict[str, Any]] = []
    shapes: list[shapely.Geometry] = []
    for layer in mosaic.layers:
        if layer.kind != "division":
            continue
        names = district_names(snapshot, layer.id)
        code = snapshot.district(layer.id)
        for district in sorted(set(code.tolist()) - {""}):
            faces = np.flatnonzero(code == district)
            own = {f"name_{lang}": names[district].get(lang, "") for lang in LANGUAGES}
            area = round(float(mosaic.area_m2[faces].sum()) / 1e6, KM2_DECIMALS)
            rows.append({"division": layer.id, "district": district, **own, "area_km2": area})
            shapes.append(shapely.coverage_union_all(mosaic.polygons[faces]))
    columns = ["division", "district", *(f"name_{lang}" for lang in LANGUAGES), "area_km2"]
    table = {name: [row[name] for row in rows] for name in columns}
    return gpd.GeoDataFrame(table, geometry=_canonical(shapes), crs="EPSG:4326")


def _district_sources(snapshot: Snapshot) -> set[str]:
    divisions = {layer.id for layer in snapshot.mosaic.layers if layer.kind == "division"}
    outlines = (version for version in snapshot.mosaic.versions if version.layer in divisions)
    return {source for version in outlines for source in version.sources}


def _canonical(shapes: Iterable[shapely.Geometry]) -> NDArray[Any]:
    """The shapes as MultiPolygons on the grid of the data, in one order of parts and vertices, exteriors ccw."""
    import numpy as np
    import shapely

    array = np.array(list(shapes), dtype=object)
    rounded = shapely.transform(array, lambda lonlat: np.round(lonlat, DECIMALS) + 0.0)
    parts, owner = shapely.get_parts(shapely.normalize(rounded), return_index=True)
    multi = shapely.multipolygons(shapely.orient_polygons(parts), indices=owner) if len(parts) else parts
    found: NDArray[Any] = multi
    return found


def to_geojson(snapshot: Snapshot) -> bytes:
    """The units as GeoJSON (RFC 7946): lon/lat WGS 84, 5 decimals; what the file says about itself is at its top.

    A unit is the land of one class, sovereign, deciding change, day since when, and what lies over it; units are
    disjoint and tile both states.
    """
    import shapely

    frame = control(snapshot)
    properties = frame.drop(columns=frame.geometry.name).to_dict("records")
    features = [
        {"type": "Feature", "properties": values, "geometry": json.loads(shapely.to_geojson(shape))}
        for values, shape in zip(properties, frame.geometry, strict=True)
    ]
    bounds = [round(float(value), DECIMALS) for value in frame.total_bounds]
    collection = {"type": "FeatureCollection", **describe(snapshot, also=covering_sources(snapshot)), "bbox": bounds}
    head = json.dumps(collection, ensure_ascii=False)[:-1]
    body = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    return f'{head}, "features": [\n{body}\n]}}\n'.encode()


def to_gpkg(snapshot: Snapshot) -> bytes:
    """A GeoPackage with the layers ``control`` and ``districts`` (EPSG:4326), and a table ``about`` of key and value.

    The file's own time stamps are the data's last day, not the clock, so that the same snapshot gives the same bytes.
    """
    import pandas as pd
    import pyogrio

    about = describe(snapshot, also=_district_sources(snapshot) | covering_sources(snapshot))
    table = pd.DataFrame({"key": list(about), "value": list(about.values())})
    last_day = snapshot.atlas.span[1] if snapshot.atlas else snapshot.day
    # GDAL knows no way to write several layers into memory, only into a file.
    with tempfile.TemporaryDirectory() as folder, _gdal_clock(f"{last_day}T00:00:00.000Z"):
        path = Path(folder, "control.gpkg")
        for name, frame in (("control", control(snapshot)), ("districts", districts(snapshot)), ("about", table)):
            shape = {"geometry_type": "MultiPolygon"} if name != "about" else {}
            pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists(), **shape)
        return path.read_bytes()


@contextmanager
def _gdal_clock(moment: str) -> Iterator[None]:
    """GDAL writes this moment as the present."""
    import pyogrio

    with _LOCK:
        before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": moment})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
