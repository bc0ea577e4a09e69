# The report: everything a reviewer needs in one folder, results/report. It reads results and computes nothing new.


rule report:
    """The report: verdicts, figures, notebooks, parameters, deviations in one page, results/report/index.html."""
    message:
        "report: results/report/index.html"
    input:
        code=modules_of("workflow/scripts/report.py"),
        templates=[in_project(f"workflow/report/{name}") for name in TEMPLATES],
        documents=[in_project(f"docs/{name}.md") for name in DOCUMENTS],
        claims="results/claims.json",
        variation="results/variation.csv",
        results=results_of(*EXPERIMENTS),
        images=files_of_figures(FIGURES),
        captions=expand("results/figures/{figure}.caption.md", figure=FIGURES),
        notebooks=expand("results/displayed/{figure}.ipynb", figure=FIGURES),
    output:
        pages=PAGES,
        # other at each build, unlike the pages
        run_times="results/report/run_times.html",
    log:
        "logs/report.log",
    benchmark:
        "logs/benchmarks/report.tsv"
    params:
        figures={name: description for name, (description, _) in FIGURES.items()},
        extensions=[name for name in FIGURES if name not in PAPER],
        needs=needs_of_all(),
        configuration=sections(CONFIGURATION.model_dump(mode="json")),
        experiments=EXPERIMENTS,
        # read, but not inputs: Snakemake would run jobs again to have their times
        benchmarks="logs/benchmarks",
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    script:
        "../scripts/report.py"
