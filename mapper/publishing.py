"""The commands that put a snapshot where others publish; as in cli.py each parses, calls one function, prints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mapper.options import (
    AccountOption,
    CitationFormat,
    DataOption,
    DayArgument,
    ForceOption,
    KnownOption,
    Language,
    Mode,
    ModeOption,
    OutputOption,
    open_atlas,
    open_snapshot,
    show_progress,
)


def cite(
    day: DayArgument,
    format_: Annotated[CitationFormat, typer.Option("--format", help="How to write them.")] = CitationFormat.TEXT,
    output: OutputOption = None,
    mode: ModeOption = Mode.BEST,
    known: KnownOption = None,
    account: AccountOption = None,
    force: ForceOption = False,
    data: DataOption = None,
) -> None:
    """Print citations of the data and of the sources of what is on the map of a day, or write them to FILE."""
    from mapper.storage import check_target, write_text

    if output is not None:
        check_target(output, overwrite=force)
    snapshot = open_snapshot(open_atlas(data), day, mode, known, account)
    assert snapshot.atlas is not None  # noqa: S101  an atlas made it
    text = snapshot.atlas.cite(snapshot.day, format_.value, known=snapshot.known, mode=mode.value, account=account)
    if output is None:
        typer.echo(text, nl=False)
        return
    write_text(output, text, overwrite=force)
    typer.echo(f"Wrote {output}")


def commons(
    day: DayArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Where to write. [default: output/commons]")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="What the files are called. [default: Territorial control DATE]")
    ] = None,
    mode: ModeOption = Mode.BEST,
    known: KnownOption = None,
    account: AccountOption = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the picture.")] = Language.EN,
    force: ForceOption = False,
    data: DataOption = None,
) -> None:
    """Write what an encyclopedia takes: an SVG with text as text, map data (Data:....map), wikitext with citations."""
    from mapper.commons import check_name, to_map_data, to_wikitext
    from mapper.storage import check_target, write_text

    snapshot = open_snapshot(open_atlas(data), day, mode, known, account)
    called = check_name(name or f"Territorial control {snapshot.day}")
    folder = output or Path("output", "commons")
    targets = [folder / f"{called}.{ending}" for ending in ("svg", "map", "wiki")]
    for target in targets:
        check_target(target, overwrite=force)
    with show_progress("Drawing the map"):
        snapshot.to_print(targets[0], lang=lang.value, overwrite=force)
        write_text(targets[1], to_map_data(snapshot), overwrite=force)
        write_text(targets[2], to_wikitext(snapshot, called), overwrite=force)
    for target in targets:
        typer.echo(f"Wrote {target}")


def serve(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; other machines reach 0.0.0.0.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8000,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="A further host name to answer to; may be repeated.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Show the maps in a browser and answer questions over HTTP, read-only, until Ctrl-C."""
    import uvicorn

    from mapper.webapp import create_app

    app = create_app(open_atlas(data), hosts=("127.0.0.1", "localhost", "[::1]", host, *(name or ())))
    typer.echo(f"http://{host}:{port}/ (description at /openapi.json); Ctrl-C ends it")
    limits = {"limit_concurrency": 32, "timeout_keep_alive": 5, "server_header": False, "log_level": "warning"}
    uvicorn.run(app, host=host, port=port, **limits)  # type: ignore[arg-type]
