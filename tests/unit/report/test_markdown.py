"""Text of notebooks and documents as HTML that needs no script and no network."""

from stdp_backprop.report.markdown import as_html, plain, without_title


def test_formulas_become_mathml():
    """MathJax would have to come from the network."""
    html = as_html(r"The error $\delta_l = \rho'(s_l)$, and $$E < 0$$")
    assert html.count("<math") == 2
    assert 'display="inline"' in html
    assert 'display="block"' in html
    assert "$" not in html


def test_headings_move_down():
    assert as_html("# One\n\n## Two", shift=2) == "<h3>One</h3>\n<h4>Two</h4>\n"


def test_bars_within_a_table_are_kept():
    html = as_html("| what |\n|---|\n| max\\|R(s) − s\\| < 1 |")
    assert "<td>max|R(s) − s| &lt; 1</td>" in html
    assert html.startswith('<div class="scroll">')


def test_html_in_a_text_is_shown_and_not_obeyed():
    assert "<script" not in as_html("<script>alert(1)</script>")
    assert "javascript:" not in as_html("[x](javascript:alert(1))")


def test_the_words_alone_stand_for_an_image():
    assert plain("**Figure 1. A < B.** See `code`.") == "Figure 1. A < B. See code ."


def test_only_a_title_is_taken_away():
    assert without_title("# Title\n\nText\n") == "Text\n"
    assert without_title("Text\n") == "Text\n"
