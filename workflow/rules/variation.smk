rule variation:
    """The effect of the parameters that the papers leave open (docs/unspecified.md), as a table."""
    message:
        "variation: alignment with backprop when something is varied"
    input:
        code=modules_of("workflow/scripts/variation.py"),
        results=results_of("limits"),
    output:
        table=report(
            "results/variation.csv",
            caption="../report/variation.rst",
            category="Claims",
            labels={"table": "what is varied", "format": "CSV"},
        ),
    log:
        "logs/variation.log",
    benchmark:
        "logs/benchmarks/variation.tsv"
    params:
        results=dict(zip(UNSELECTED, RESULT_FILES["limits"])),
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    group:
        "reading"
    script:
        "../scripts/variation.py"
