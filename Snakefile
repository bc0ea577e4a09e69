# Lets `snakemake` find the workflow from here; an included file does not set the target that a plain `snakemake` builds.
include: "workflow/Snakefile"


workflow.default_target = "all"
