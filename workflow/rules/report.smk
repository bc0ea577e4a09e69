# The site: everything a reader needs in one folder, results/report. It reads results and computes nothing new.


rule rule_graph:
    """The dependencies between all rules, in the Graphviz language: results/rules.dot."""
    message:
        "rule_graph: results/rules.dot"
    input:
        code=modules_of("workflow/scripts/rule_graph.py"),
        rules=[in_project(path.relative_to(PROJECT)) for path in WORKFLOW_FILES],
    output:
        "results/rules.dot",
    log:
        "logs/rule_graph.log",
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    group:
        "reading"
    script:
        "../scripts/rule_graph.py"


rule report:
    """The site: verdicts, figures, notebooks, guide, equations, API and more, results/report/index.html."""
    message:
        "report: results/report/index.html"
    input:
        code=modules_of("workflow/scripts/report.py"),
        documents=[in_project(path.relative_to(PROJECT)) for path in SITE_SOURCES],
        # the API is that of all modules but the models of the configuration, which has a page of its own
        modules=[
            in_project(path.relative_to(PROJECT))
            for path in sorted(PACKAGE.rglob("*.py"))
            if path.parent != PACKAGE / "config"
        ],
        linked=[in_project(path) for path in LINKED_DOCUMENTS],
        rules="results/rules.dot",
        claims="results/claims.json",
        provenance=PROVENANCE,
        variation="results/variation.csv",
        images=files_of_figures(FIGURES),
        captions=expand("results/figures/{figure}.caption.md", figure=FIGURES),
        article="results/article/article.pdf",
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
        figures={name: figure.description for name, figure in FIGURES.items()},
        extensions=[name for name in FIGURES if name not in PAPER],
        configuration=sections(config, USUAL),
        # read, but not inputs: Snakemake would run jobs again to have their times
        benchmarks="logs/benchmarks",
    # pages are read and written in parallel; nothing is computed
    threads: 2
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    script:
        "../scripts/report.py"
