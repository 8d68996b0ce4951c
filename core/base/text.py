"""Sentences for the operator, written in English and shown in the operator's language.

`core` never shows anything itself.  It hands on a `Text`: the English template, which is also the
key of its translation in `resources/translations`, and the values to fill in.  `ui.language`
turns it into the operator's language; `str()` gives English for the log.  Where `core` writes a
page for people to read, it asks `spoken`, which window and command line have set to that language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import TypeAlias

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
