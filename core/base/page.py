"""Pages of HTML for people to read, made of the templates in `resources/templates`.

A template asks for its texts as the sources do, by ``translate("context", "English")``, so that
they are collected with the others; they stand in the language that the operator speaks.
"""

from __future__ import annotations

from pathlib import Path

from core.base.text import Text, spoken, translate

TEMPLATES = Path(__file__).resolve().parents[2] / "resources" / "templates"


def render(template: str, **values: object) -> str:
    """Return the page that *template* makes of *values*, every one of them escaped."""
    # It takes longer to load than most commands take, and few of them write a page.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=_said,
    )  # fmt: skip
    environment.globals["translate"] = translate
    return environment.get_template(template).render(values)


def _said(value: object) -> object:
    return spoken(value) if isinstance(value, Text) else value
