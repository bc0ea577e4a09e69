# One rule per figure, named as the figure.

for figure, (description, needs) in FIGURES.items():

    rule:
        """The figure of this name: its executed notebook and the images that it draws."""
        name:
            figure
        message:
            f"{figure}: notebook"
        input:
            notebook=in_project(f"notebooks/{figure}.ipynb"),
            style=in_project("notebooks/journal.mplstyle"),
            code=[*modules_of("workflow/scripts/figure.py"), *modules_of(f"notebooks/{figure}.ipynb")[1:]],
            results=results_of(*needs),
            files=FILES_OF_FIGURE.get(figure, []),
        output:
            images=reported_images(figure),
            caption=f"results/figures/{figure}.caption.md",
            notebook=f"results/displayed/{figure}.ipynb",
        log:
            f"logs/figures/{figure}.log",
        benchmark:
            f"logs/benchmarks/figures/{figure}.tsv"
        params:
            figure=figure,
            description=description,
            parameters=PARAMETERS_OF_FIGURE.get(figure, {}),
            # neither an output, which Snakemake removes when a job fails, nor a log, which it would then print
            executed=f"results/notebooks/{figure}.ipynb",
        threads: 1
        conda:
            ENVIRONMENT
        resources:
            **JOB,
        script:
            "../scripts/figure.py"
