"""The commands that put a snapshot where others publish; as in cli.py each parses, calls one function, prints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mapper.errors import MapperError
from mapper.options import (
    AccountOption,
    CitationFormat,
    DataOption,
    DayArgument,
    ForceOption,
    FormatOption,
    KnownOption,
    Language,
    Mode,
    ModeOption,
    OutputOption,
    View,
    open_atlas,
    open_snapshot,
    show_progress,
)
from mapper.tables import Column, TableFormat, print_table


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


def site(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write; made when it is not there.")],
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="Where readers will find it: adds the embed code.")
    ] = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language the page opens in.")] = Language.EN,
    force: ForceOption = False,
    data: DataOption = None,
) -> None:
    """Write a folder for any web server: the article page in both forms, its picture, tables and geometry."""
    from mapper import storage
    from mapper.site import find_files

    atlas = open_atlas(data)
    with show_progress("Making the site") as report:
        files = []
        for name, content in find_files(atlas, url=url, lang=lang.value):
            report(name)
            files.append((folder / name, content))
    for path, _ in files:
        storage.check_target(path, overwrite=force)
    for path, content in files:
        storage.write_bytes(path, content, overwrite=force)
        typer.echo(f"Wrote {path}")


def page(
    day: Annotated[
        str | None, typer.Argument(metavar="[DATE]", help="The day it shows first. [default: the data's last day]")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day of the slider. [default: 1988-01-01]")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day of the slider.")] = None,
    lang: Annotated[
        Language, typer.Option("--lang", help="Language it opens in; readers may choose another.")
    ] = Language.EN,
    view: Annotated[View, typer.Option("--view", help="What its colours show at first.")] = View.DE_FACTO,
    division: Annotated[
        str | None, typer.Option("--division", help="Scheme of districts. [default: the one in force on each day]")
    ] = None,
    static: Annotated[bool, typer.Option("--static", help="Only what needs no script: one day.")] = False,
    split: Annotated[
        bool, typer.Option("--split", help="Styles, script and data in files of their own, for strict hosts.")
    ] = False,
    output: OutputOption = None,
    force: ForceOption = False,
    data: DataOption = None,
) -> None:
    """Write the article page: one HTML file that shows any day, works offline and can be embedded."""
    from mapper import storage
    from mapper.article import make_article

    if static and split:
        msg = "--static makes a page without a script, --split puts the script beside it; choose one"
        raise MapperError(msg)
    target = output or Path("output", "page", "page.html")
    if target.suffix.lower() != ".html":
        msg = f"{target} has the ending '{target.suffix}'; a page is written as .html"
        raise MapperError(msg)
    storage.check_target(target, overwrite=force)
    atlas = open_atlas(data)
    with show_progress("Making the page"):
        article = make_article(
            atlas, day, first=first, last=last, lang=lang.value, view=view.value, division=division, static=static
        )
        files = article.to_files(target.stem) if split else {target.name: article.to_html()}
    for name in files:
        storage.check_target(target.with_name(name), overwrite=force)
    for name, text in files.items():
        storage.write_text(target.with_name(name), text, overwrite=force)
        typer.echo(f"Wrote {target.with_name(name)}")


def embed(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A page that `mapper page` wrote.")],
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Where readers will find it, https://...")],
    force: ForceOption = False,
) -> None:
    """Print the HTML that embeds a page, and write its oEmbed answer and its picture beside it."""
    from mapper import storage
    from mapper.embed import make_embed

    made = make_embed(file, url)
    beside = {file.with_suffix(".oembed.json"): made.oembed, file.with_suffix(".svg"): made.image}
    for path in beside:
        storage.check_target(path, overwrite=force)
    for path, text in beside.items():
        storage.write_text(path, text, overwrite=force)
        typer.echo(f"Wrote {path}", err=True)
    typer.echo(made.html, nl=False)


def translations(format_: FormatOption = TableFormat.TABLE, data: DataOption = None) -> None:
    """Print how much of what a reader sees exists in each language."""
    from mapper.translations import find_coverage

    rows = [
        {
            "kind": item.kind,
            "language": item.lang,
            "there": item.there,
            "of": item.count,
            "share": item.there / item.count if item.count else 1.0,
            "first_missing": ";".join(item.missing),
        }
        for item in find_coverage(open_atlas(data))
    ]
    kinds = {"share": "share"}
    columns = [Column(key, "share" if key in kinds else "text", key != "first_missing") for key in rows[0]]
    print_table("Texts by language", columns, rows, format_, {}, notes=["A missing name shows its source language."])
