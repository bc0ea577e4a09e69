"""A saved figure as its notebook shows it, whole and panel by panel: the pixels of its PNG, drawn once."""

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

import numpy as np
from IPython.display import Image
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image as Pixels

MARGIN = 6
"""Pixels around a panel that is cut out."""


@dataclass(frozen=True)
class Picture:
    """The PNG of `figure`, saved before: nothing is drawn for the notebook that is not in the file."""

    figure: Figure
    png: Path

    def whole(self) -> Image:
        return Image(filename=str(self.png), width=self._on_screen(self._pixels.width))

    @cached_property
    def _pixels(self) -> Pixels.Image:
        with Pixels.open(self.png) as pixels:
            return pixels.convert("RGB")

    def panel(self, *artists: Artist) -> Image:
        """The part of the picture that holds these axes, with their labels, and legends."""
        self.figure.dpi = self._dpi
        box = Bbox.union([artist.get_tightbbox() for artist in artists])
        width, height = self._pixels.size
        left, bottom, right, top = (round(float(place)) for place in np.round(box.extents, 1))
        cut = self._pixels.crop(
            (
                max(0, left - MARGIN),
                max(0, height - top - MARGIN),
                min(width, right + MARGIN),
                min(height, height - bottom + MARGIN),
            )
        )
        content = BytesIO()
        # half the resolution of the print: pages that know nothing of `width` show it at about the size of their text
        cut.reduce(2).save(content, format="png")
        return Image(data=content.getvalue(), width=self._on_screen(cut.width))

    def _on_screen(self, width: int) -> int:
        """Width at which the letters of a figure are as large on the screen as those of the text around it."""
        return round(width * SCREEN_DPI / self._dpi)

    @property
    def _dpi(self) -> float:
        return self._pixels.width / self.figure.get_figwidth()


def as_image(figure: Figure) -> Image:
    """A figure that is not saved, drawn once."""
    content = BytesIO()
    figure.savefig(content, format="png", dpi=150)
    return Image(data=content.getvalue(), width=round(figure.get_figwidth() * SCREEN_DPI))


SCREEN_DPI = 120
"""Pixels of a page per inch of a figure: 8 pt of a label become 13 pixels."""
