"""PostGIS for the bench: a server of its own on a private socket, run by a user without rights, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

import shapely

from tests.bench.peers import BY, FIRST, Areas, Drawn, Held

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    import psycopg

_START_SECONDS = 30


class MissingPostgisError(RuntimeError):
    """PostGIS cannot be run here; the message says why."""


def _programs() -> Path:
    """The folder of the newest server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found and (path := shutil.which("postgres")):
        found = [Path(path)]
    if not found:
        msg = "no PostgreSQL server is installed; on Debian: apt-get install postgresql-15-postgis-3"
        raise MissingPostgisError(msg)
    bin_ = found[-1].parent
    shared = subprocess.run([bin_ / "pg_config", "--sharedir"], capture_output=True, text=True, check=True).stdout
    if not (Path(shared.strip()) / "extension" / "postgis.control").exists():
        msg = f"the PostgreSQL of {bin_} has no PostGIS; on Debian: apt-get install postgresql-15-postgis-3"
        raise MissingPostgisError(msg)
    return bin_


def _unprivileged() -> dict[str, Any]:
    """Whom to run the server as: PostgreSQL refuses to run as root."""
    if os.geteuid():
        return {}
    names = [name for name in ("postgres", "nobody") if _exists(name)]
    if not names:
        msg = "run as root, and there is no user 'postgres' or 'nobody' to run the server as"
        raise MissingPostgisError(msg)
    user = pwd.getpwnam(names[0])
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}


def _exists(name: str) -> bool:
    with contextlib.suppress(KeyError):
        return bool(pwd.getpwnam(name))
    return False


@contextlib.contextmanager
def serve() -> Iterator[psycopg.Connection[Any]]:
    """A connection to a fresh server with PostGIS, on a socket in a folder of its own; nothing listens on TCP.

    Raises
    ------
    MissingPostgisError
        When it cannot be run here.
    """
    try:
        import psycopg
    except ImportError as error:
        msg = "psycopg is not installed; pip install -e .[bench]"
        raise MissingPostgisError(msg) from error
    programs, who = _programs(), _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="bench-"))  # short: a socket's path holds a hundred characters
    if who:
        os.chown(folder, who["user"], who["group"])
    quiet: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **who}
    setup = ["-D", folder / "data", "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    settings = ["listen_addresses=", "fsync=off", "shared_buffers=256MB", "work_mem=128MB", "jit=off"]
    options = [word for setting in settings for word in ("-c", setting)]
    try:
        subprocess.run([programs / "initdb", *setup], check=True, **quiet)
        server = subprocess.Popen([programs / "postgres", "-D", folder / "data", "-k", folder, *options], **quiet)
        try:
            with _connect(psycopg, folder) as connection:
                connection.execute("CREATE EXTENSION postgis")
                yield connection
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _connect(psycopg: Any, folder: Path) -> psycopg.Connection[Any]:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            return psycopg.connect(host=str(folder), user="bench", dbname="postgres", autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


# --- with our table of faces -----------------------------------------------------------------------------------------

SQL_DAY: LiteralString = "SELECT district, controller, sum(area_m2) FROM held WHERE days @> %(day)s::date GROUP BY 1, 2"
SQL_DAILY_JOIN: LiteralString = """
    SELECT day::date AS day, district, controller, sum(area_m2)::bigint AS m2
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') day
    JOIN held ON days @> day::date GROUP BY 1, 2, 3"""
SQL_DAILY_DELTAS: LiteralString = """
    WITH moved AS (
        SELECT day, district, controller, sum(m2) AS m2 FROM (
            SELECT lower(days) AS day, district, controller, area_m2 AS m2 FROM held
            UNION ALL SELECT upper(days), district, controller, -area_m2 FROM held) both_ends GROUP BY 1, 2, 3),
    running AS (
        SELECT day, district, controller, sum(m2) OVER run AS m2,
            lead(day, 1, %(last)s::date + 1) OVER run AS past
        FROM moved WINDOW run AS (PARTITION BY district, controller ORDER BY day))
    SELECT day + step AS day, district, controller, m2::bigint AS m2
    FROM running, generate_series(0, past - day - 1) step WHERE m2 > 0 AND day <= %(last)s::date"""


def load_held(connection: psycopg.Connection[Any], held: Held) -> None:
    """The table with date ranges and their GiST index."""
    from datetime import date

    connection.execute("CREATE TABLE held (face int, district text, controller text, area_m2 bigint, days daterange)")
    columns = (getattr(held, name).tolist() for name in ("face", "district", "controller", "area_m2", "start", "end"))
    with connection.cursor() as cursor, cursor.copy("COPY held FROM STDIN") as copy:
        for face, district, controller, area, start, end in zip(*columns, strict=True):
            days = f"[{date.fromordinal(start)},{date.fromordinal(end)})"
            copy.write_row((face, district, controller, area, days))
    connection.execute("CREATE INDEX ON held USING gist (days)")
    connection.execute("VACUUM ANALYZE held")


def summed(connection: psycopg.Connection[Any], query: LiteralString, last: date) -> tuple[int, int]:
    """How many rows a query for every day has, and their sum: the rows stay in the server, which is to its favour."""
    from psycopg import sql

    total = sql.SQL("SELECT count(*), sum(m2)::bigint FROM ({}) found").format(sql.SQL(query))
    found = connection.execute(total, {"first": FIRST, "last": last}).fetchone()
    assert found is not None
    return found


# --- overlays --------------------------------------------------------------------------------------------------------

SQL_OVERLAY: LiteralString = """
    SELECT district, controller, ST_Area(ST_Union(ST_Intersection(d.shape, c.shape)))
    FROM districts d JOIN control c ON d.day = c.day AND ST_Intersects(d.shape, c.shape)
    WHERE d.day = %(day)s GROUP BY 1, 2"""


def load_drawn(connection: psycopg.Connection[Any], drawn: Sequence[Drawn]) -> None:
    """The polygons of some days, with GiST indexes."""
    connection.execute("CREATE TABLE districts (day date, district text, shape geometry)")
    connection.execute("CREATE TABLE control (day date, controller text, shape geometry)")
    with connection.cursor() as cursor:
        for item in drawn:
            for query, frame, name in (
                ("INSERT INTO districts VALUES (%s, %s, ST_GeomFromWKB(%s))", item.districts, BY[0]),
                ("INSERT INTO control VALUES (%s, %s, ST_GeomFromWKB(%s))", item.control, BY[1]),
            ):
                shapes = shapely.to_wkb(frame.geometry.to_numpy()).tolist()
                cursor.executemany(
                    query, [(item.day, word, shape) for word, shape in zip(frame[name], shapes, strict=True)]
                )
    for table in ("districts", "control"):
        connection.execute(f"CREATE INDEX ON {table} USING gist (shape)")
        connection.execute(f"VACUUM ANALYZE {table}")


def overlay_day(connection: psycopg.Connection[Any], day: date) -> Areas:
    """A in PostGIS: as ``peers.overlay_day``; pieces without area are lines along which neighbours touch."""
    rows = connection.execute(SQL_OVERLAY, {"day": day}).fetchall()
    return {(district, controller): area for district, controller, area in rows if area > 0}
