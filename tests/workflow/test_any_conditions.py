"""Every notebook draws any one condition, and several, of any name. Its code runs here, without a kernel."""

import re
import shutil

import pytest
from notebook_code import caption_of

from stdp_backprop.pipeline.io import load

pytestmark = pytest.mark.slow

# figure -> its parameter, the experiments it reads, the condition to be drawn under another name, and one beside it
WINDOWS, ACTIVATIONS = ("windows", "bi_poo", "balanced"), ("activations", "hard_sigmoid", "logistic")
FIGURES = {
    "fig2_rate_change": (["stdp_matching"], *WINDOWS),
    "fig3_rule_matching": (["stdp_matching"], *WINDOWS),
    "fig4_stationary_point": (["relaxation"], *ACTIVATIONS),
    "fig5_early_inference": (["relaxation", "early_inference"], *ACTIVATIONS),
    "fig6_gradient_correlation": (["relaxation", "early_inference", "gradient_correlation"], *ACTIVATIONS),
    "fig7_limits": (["relaxation", "limits"], *ACTIVATIONS),
    "fig8_spiking_inference": (["spiking_inference"], *ACTIVATIONS),
    "fig10_derivative_protocol": (["derivative_protocol"], *WINDOWS),
}
NAME, LABEL = "of_mine_2", "of mine 2"


@pytest.fixture(scope="module")
def with_mine(built, tmp_path_factory):
    """Results in which the first condition of each figure lies under another name as well."""
    results = tmp_path_factory.mktemp("conditions") / "results"
    for experiments, _, source, beside in FIGURES.values():
        for experiment in experiments:
            folder = results / experiment
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(built.folder / "results" / experiment / f"{source}.nc", folder / f"{NAME}.nc")
            shutil.copy(built.folder / "results" / experiment / f"{beside}.nc", folder)
    return results


@pytest.mark.parametrize("figure", FIGURES)
def test_one_condition_of_any_name_is_drawn_alone_and_beside_another(with_mine, tmp_path, figure):
    """A user's window or activation is one more entry of the configuration, and nothing else."""
    _, parameter, _, beside = FIGURES[figure]
    folders = {"results": str(with_mine), "figures": str(tmp_path)}
    for names in ([NAME], [NAME, beside]):
        caption = caption_of(figure, **folders, **{parameter: names})
        assert LABEL in caption
        assert beside not in caption or beside in names
        assert not {"nan", "inf"} & set(caption.split())
        assert (tmp_path / f"{figure}.svg").is_file()


NETWORKS = ["one_hidden_layer", "two_hidden_layers"]


@pytest.mark.parametrize("networks", [NETWORKS[:1], NETWORKS[1:], NETWORKS])
def test_figure_9_is_drawn_of_any_one_network_and_of_both_and_of_one_split(built, tmp_path, networks):
    """One learning network once ended in "'Axes' object is not iterable"; the other must not be in the caption."""
    results = built.folder / "results"
    sizes = {name: load(results / "learning" / f"{name}_0.nc").attrs["layer_sizes"] for name in NETWORKS}
    titles = {name: "-".join(map(str, layers)) + "," for name, layers in sizes.items()}
    for splits in (1, 2):
        folders = {"results": str(results), "figures": str(tmp_path)}
        caption = caption_of("fig9_learning", **folders, networks=networks, splits=splits)
        assert [name for name, title in titles.items() if title in caption] == networks
        assert not {"nan", "inf"} & set(re.findall("[a-z]+", caption))
        assert (tmp_path / "fig9_learning.svg").is_file()
