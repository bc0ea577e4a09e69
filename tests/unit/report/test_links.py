"""Links within the page lead to what they name, and nothing else becomes one."""

from stdp_backprop.report.links import (
    explained_claims,
    reference_keys,
    with_citations,
    with_claim_targets,
    with_reference_targets,
)

REFERENCES = "<tr><td>[EP]</td><td>Scellier &amp; Bengio, after [BP]</td></tr>"


def test_the_key_of_a_reference_becomes_a_target_and_a_mention_does_not():
    html = with_reference_targets(REFERENCES)
    assert html == '<tr><td id="ref-EP">[EP]</td><td>Scellier &amp; Bengio, after [BP]</td></tr>'
    assert reference_keys(html) == {"EP"}


def test_only_known_keys_are_linked_and_targets_stay_targets():
    html = with_citations("[EP] 4, [XX], [0, 1], A[EP]", {"EP"})
    link = '<a class="cited" href="#ref-EP">[EP]</a>'
    assert html == f"{link} 4, [XX], [0, 1], A{link}"
    assert with_citations(with_reference_targets("<td>[EP]</td>"), {"EP"}) == '<td id="ref-EP">[EP]</td>'


def test_the_first_paragraph_that_names_a_claim_explains_it():
    html = with_claim_targets("<p><strong>B1 and B2 fail.</strong> A</p><p><strong>Also (B2, C3).</strong> B</p>")
    assert explained_claims(html) == {"B1", "B2", "C3"}
    assert html.index("why-B2") < html.index("fail.") < html.index("why-C3")
    assert html.count("why-B2") == 1


def test_a_paragraph_that_names_no_claim_is_left_alone():
    assert with_claim_targets("<p><strong>Note.</strong> B1</p>") == "<p><strong>Note.</strong> B1</p>"
