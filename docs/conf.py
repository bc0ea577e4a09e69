"""The site: Sphinx reads Markdown and executed notebooks, and writes pages that need no network.

`workflow/scripts/report.py` puts a copy of this folder, the notebooks of a build and `build.json` (what the pages say
about that build) side by side and runs Sphinx there.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import stdp_backprop

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))
# once, before the pages are dealt out to processes
for module in walk_packages(stdp_backprop.__path__, "stdp_backprop."):
    import_module(module.name)

project = "STDP-compatible approximation of backpropagation: a replication"
html_title = "STDP and backpropagation: a replication"
extensions = ["myst_nb", "sphinx.ext.autodoc", "build_pages", "citations", "docstrings", "mathml", "rule_graph"]
exclude_patterns = ["_*"]
pages_of_build = json.loads((HERE / "build.json").read_text(encoding="utf-8"))

html_theme = "furo"
html_static_path = ["_static"]
templates_path = ["_templates"]
html_css_files = ["site.css"]
html_js_files = [("claims.js", {"defer": "defer"})]
html_math_renderer = "mathml"
html_copy_source = False
html_show_search_summary = False  # the browser may not fetch a page from a disk to show what it says
html_show_copyright = False
html_show_sphinx = False
html_theme_options = {"top_of_page_buttons": []}  # "view" and "edit" would lead to a server
html_permalinks_icon = "#"

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # they have been executed by the workflow
nb_render_markdown_format = "myst"
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_use_type_comments = False  # there are none, and looking for them takes a while
add_module_names = False
python_maximum_signature_line_length = 88
default_role = "code"  # docstrings write code as Markdown does, in single backticks
smartquotes = False
