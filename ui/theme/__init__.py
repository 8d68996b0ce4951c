"""How the window looks."""

from ui.theme.style import Theme, restyle, while_there

__all__ = ["Theme", "restyle", "while_there"]
