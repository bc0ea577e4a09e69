"""What is drawn, and how: one module per figure. Arrays and datasets in, axes out."""
