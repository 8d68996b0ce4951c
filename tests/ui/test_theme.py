"""The colours can be read, by the formula of WCAG 2.2 (1.4.3 Contrast)."""

from __future__ import annotations

import pytest

from ui.theme.style import read_tokens


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_reaches_aa_on_every_ground(name: str) -> None:
    tokens = read_tokens(name)
    grounds = (tokens.window, tokens.surface, tokens.wash)
    for ink in (tokens.text, tokens.faint, tokens.accent):
        for ground in grounds:
            assert contrast(ink, ground) >= 4.5, (ink, ground)
    for ink in (tokens.good, tokens.warn, tokens.danger):
        for ground in (tokens.window, tokens.surface):
            assert contrast(ink, ground) >= 4.5, (ink, ground)
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5
    assert contrast(tokens.on_danger, tokens.danger_fill) >= 4.5
    assert contrast(tokens.danger, tokens.danger_wash) >= 4.5
    assert contrast(tokens.good, tokens.good_wash) >= 4.5
    assert contrast(tokens.warn, tokens.warn_wash) >= 4.5


def test_signs_are_told_apart_by_more_than_colour() -> None:
    from PyQt6.QtCore import QPointF

    from core.backup.models import Reason
    from ui.points.table import outline

    shapes = {
        reason: tuple(
            (round(point.x(), 2), round(point.y(), 2))
            for polygon in outline(reason, QPointF(0, 0), 10).toSubpathPolygons()
            for point in polygon
        )
        for reason in Reason
    }
    assert len(set(shapes.values())) == len(shapes)
