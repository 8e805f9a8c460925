"""The application that the commands join, and how errors leave it."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from napari_geolabel.errors import GeoLabelError


class Commands(TyperGroup):
    """Commands whose expected errors are one sentence and exit code 1, never a traceback."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  (typer brings a click of its own, or not, by its version)
        """Run a command; what napari-geolabel raises on purpose ends it with one sentence."""
        try:
            return super().invoke(ctx)
        except GeoLabelError as error:
            typer.echo(f"geolabel: {error}", err=True)
            raise typer.Exit(1) from error

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002
        """List the commands in the order in which they are used, not by name."""
        wanted = [
            "info",
            "composites",
            "spectra",
            "render",
            "open",
            "import",
            "export",
            "convert",
            "rasterize",
            "polygonize",
            "coverage",
            "difference",
            "validate",
        ]
        wanted += ["review", "log", "pack", "overviews", "demo"]
        return [name for name in wanted if name in self.commands] + [n for n in self.commands if n not in wanted]


app = typer.Typer(
    cls=Commands,
    name="geolabel",
    help="Label satellite scenes and hand georeferenced labels to a GIS or a training pipeline.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; the entry point of ``geolabel``."""
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"geolabel {version('napari-geolabel')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    pass
