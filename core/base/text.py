"""Sentences for the operator, written in English and shown in the operator's language.

`core` never shows anything itself.  It hands on a `Text`: the English template, which is also the
key of its translation in `resources/translations`, and the values to fill in.  `ui.language`
turns it into the operator's language; `str()` gives English for the log.  Where `core` renders a
page for people to read, it asks `spoken`, which window and command line have set to that language;
templates in `resources/templates` ask for their texts by ``translate("context", "English")``, too.

What the program or its operator wrote is UTF-8, or what a Korean Windows writes: see `decode`.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePath
from typing import Literal, TypeAlias

from pydantic import (
    Field,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from core.base.model import Model

Value: TypeAlias = "str | int | float | datetime | Text"


class Text(Model):
    """A translatable sentence: translation context, English template and its values.

    A value may be a `Text` itself.  One whose name ends in ``_bytes`` is a size.
    """

    context: str
    template: str
    values: dict[str, Value] = Field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.values)

    @model_serializer(mode="wrap")
    def _told(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> object:
        """Become a plain sentence where whoever serialises says how: ``context={"say": …}``."""
        say = (info.context or {}).get("say")
        return say(self) if say is not None else handler(self)


def translate(context: str, template: str, /, **values: Value | PurePath) -> Text:
    """Return *template* with *values* as a `Text`.

    The name and the two leading literals are what Qt's `pylupdate6` looks for when it
    collects the texts to translate.
    """
    shown = {
        name: str(value) if isinstance(value, PurePath) else value for name, value in values.items()
    }
    return Text(context=context, template=template, values=shown)


def joined(texts: Sequence[Text], between: str) -> Text:
    """Return *texts* one after the other, as one."""
    names = [f"part{number}" for number in range(len(texts))]
    template = between.join(f"{{{name}}}" for name in names)
    return Text(context="", template=template, values=dict(zip(names, texts, strict=True)))


_say: Callable[[Text], str] = str


def speak(say: Callable[[Text], str]) -> None:
    """Let `spoken` use *say*, the operator's language, from now on."""
    global _say  # noqa: PLW0603 (one process speaks one language)
    _say = say


def spoken(text: Text) -> str:
    """Return *text* in the operator's language, English where nobody set one."""
    return _say(text)


KOREAN = "cp949"
"""What a Korean Windows calls ANSI: what `open` writes there unless it is told otherwise."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes) -> str:
    """Return *data* as text: by its byte order mark, as UTF-8, or as cp949.

    Its lines end as `open` would have them end, whatever system wrote it.  Raises
    `UnicodeDecodeError`, of UTF-8, where it is none of them.
    """
    return _decoded(data).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        with suppress(UnicodeDecodeError):
            return data.decode(KOREAN)
        raise


def decode_line(data: bytes) -> str:
    """Return a line of a log as text, with a sign in the place of every byte that means nothing.

    It may be cut off at its end, within a character, too, which is left out then.
    """
    for encoding in ("utf-8", KOREAN):
        with suppress(UnicodeDecodeError):
            return codecs.getincrementaldecoder(encoding)().decode(data)
    return data.decode("utf-8", errors="replace")


State = Literal["ok", "warning", "failed"]


class Finding(Model):
    """One thing that was looked at: its name, how it is, the evidence, and what to do."""

    name: str
    """Stable English name for scripts, such as ``data.settings``."""
    state: State
    evidence: Text
    to_do: Text | None = None


def worst_of(findings: Sequence[Finding]) -> Finding:
    """Return the first of the worst of *findings*, of which there is at least one."""
    ranks: tuple[State, ...] = ("failed", "warning", "ok")
    return min(findings, key=lambda finding: ranks.index(finding.state))


def told(finding: Finding) -> Text:
    """Return what was found and what to do about it, as one sentence."""
    if finding.to_do is None:
        return finding.evidence
    values: dict[str, Value] = {"evidence": finding.evidence, "to_do": finding.to_do}
    return Text(context="", template="{evidence} → {to_do}", values=values)


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
