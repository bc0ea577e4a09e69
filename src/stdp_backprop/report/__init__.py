"""From results to pages of HTML: text, numbers, notebooks, a drawing of the workflow. Knows nothing of the science."""
