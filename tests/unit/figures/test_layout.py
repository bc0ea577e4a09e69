"""A notebook shows the pixels of the PNG that was saved."""

from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

mpl.use("agg")

from matplotlib.figure import Figure

from stdp_backprop.figures.layout import Picture
from stdp_backprop.pipeline.figure_files import save

RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture
def picture(tmp_path):
    """A figure of two panels without a frame, one red, one blue."""
    figure = Figure(figsize=(3, 1))
    for ax, colour in zip(figure.subplots(1, 2), ("red", "blue"), strict=True):
        ax.set_facecolor(colour)
        ax.set(xticks=(), yticks=())
        ax.spines[:].set_visible(False)
    return Picture(figure, save(figure, "two", tmp_path, {})[0])


def opened(content):
    return Image.open(BytesIO(content)).convert("RGB")


def pixels(content):
    return np.asarray(opened(content)).reshape(-1, 3)


def counted(values, colour):
    return int((values == colour).all(axis=1).sum())


def test_a_panel_is_the_part_of_the_saved_picture_that_holds_it_and_nothing_else(picture):
    """A reader would be shown another panel than the one that the text speaks of."""
    saved = pixels(picture.png.read_bytes())
    for ax, own, other in zip(picture.figure.axes, (RED, BLUE), (BLUE, RED), strict=True):
        found = pixels(picture.panel(ax).data)
        assert counted(found, other) == 0
        # at half the resolution four pixels become one; those of the edge are mixed with what surrounds the panel
        edge = 2 * sum(ax.get_window_extent().size)
        assert counted(saved, own) - 2 * edge <= 4 * counted(found, own) <= counted(saved, own)
    both = pixels(picture.panel(*picture.figure.axes).data)
    assert min(counted(both, colour) for colour in (RED, BLUE)) > 0


def test_the_whole_picture_is_the_file_and_panels_are_shown_at_the_same_scale(picture):
    whole = picture.whole()
    assert whole.data == picture.png.read_bytes()
    panel = picture.panel(picture.figure.axes[0])
    shown = panel.width / opened(panel.data).width
    assert shown / 2 == pytest.approx(whole.width / opened(whole.data).width, rel=0.02)  # of half the resolution
