"""Files, provenance and the interface to Snakemake; the only part of the package that knows these."""
