"""The only place that knows files and Snakemake."""
