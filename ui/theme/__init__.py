"""How the window looks."""

from ui.theme.look import Theme, restyle, while_there

__all__ = ["Theme", "restyle", "while_there"]
