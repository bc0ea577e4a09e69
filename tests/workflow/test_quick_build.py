"""One build of everything with the quick configuration, from nothing: what `make test` runs beside the unit tests."""

import csv


def test_a_quick_build_makes_every_figure_a_table_of_claims_and_the_site(built):
    results = built.folder / "results"
    notebooks = {path.stem for path in (built.folder / "notebooks").glob("fig[0-9]*.ipynb")}
    assert len(notebooks) >= 11
    for extension in ("png", "pdf", "svg"):
        assert {path.stem for path in (results / "figures").glob(f"fig[0-9]*.{extension}")} == notebooks
    with (results / "claims.csv").open(encoding="utf-8") as file:
        ids = {row["id"] for row in csv.DictReader(file)}
    assert {"A1", "B1", "C1", "D1", "D4"} <= {claim[:2] for claim in ids}
    assert (results / "report" / "index.html").is_file()
    assert built.planned() == {}
