# The replication's own article, in article/: its text reads every number from the results.


rule article:
    """The article about the replication and its findings, as PDF: results/article/article.pdf."""
    message:
        "article: results/article/article.pdf"
    input:
        code=modules_of("workflow/scripts/article.py"),
        sources=[in_project(path.relative_to(PROJECT)) for path in ARTICLE_SOURCES],
        claims="results/claims.json",
        provenance=PROVENANCE,
        images=expand("results/figures/{figure}.svg", figure=FIGURES),
        captions=expand("results/figures/{figure}.caption.md", figure=FIGURES),
    output:
        pdf="results/article/article.pdf",
        data="results/article/article.json",
    log:
        "logs/article.log",
    benchmark:
        "logs/benchmarks/article.tsv"
    params:
        figures=shown_experiments(FIGURES),
        configuration=CONFIGURATION.model_dump(mode="json"),
        windows=windows_named(*WINDOWS),
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    group:
        "reading"
    script:
        "../scripts/article.py"


use rule article as paper_article with:
    message:
        "paper: the article without the extensions"
    input:
        code=modules_of("workflow/scripts/article.py"),
        sources=[in_project(path.relative_to(PROJECT)) for path in ARTICLE_SOURCES],
        claims="results/paper/claims.json",
        provenance="results/paper/provenance.json",
        images=expand("results/figures/{figure}.svg", figure=PAPER),
        captions=expand("results/figures/{figure}.caption.md", figure=PAPER),
    output:
        pdf="results/paper/article/article.pdf",
        data="results/paper/article/article.json",
    log:
        "logs/paper_article.log",
    benchmark:
        "logs/benchmarks/paper_article.tsv"
    params:
        figures=shown_experiments(PAPER),
        configuration=CONFIGURATION.model_dump(mode="json"),
        windows=windows_named(*WINDOWS),
