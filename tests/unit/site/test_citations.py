"""Links lead to what they name, and nothing else becomes one."""

from citations import explained_claims, link_citations, reference_keys


def test_only_the_first_column_of_the_table_of_references_defines_a_key(tmp_path):
    text = "# References\n\n| key | reference |\n|---|---|\n| [EP] | Scellier & Bengio, after [BP] |\n\n[XX] is none.\n"
    (tmp_path / "references.md").write_text(text)
    assert reference_keys(tmp_path) == {"EP"}


def test_only_known_keys_are_linked():
    link = '<a href="references.html#ref-EP">[EP]</a>'
    assert link_citations("[EP] 4, [XX], [0, 1], A[EP]", {"EP"}) == f"{link} 4, [XX], [0, 1], A{link}"


def test_a_bold_beginning_explains_the_claims_that_it_names(tmp_path):
    text = "**B1 and B2 fail\n(C3).** But D1 is not **named (D2)** in bold at the beginning.\n\n**Note.** B4\n"
    (tmp_path / "deviations.md").write_text(text)
    assert explained_claims(tmp_path) == {"B1", "B2", "C3"}
