rule judge_claims:
    """The verdict on every claim, from the checked results of all experiments."""
    message:
        "claims: verdicts from the results of all experiments"
    input:
        code=modules_of("workflow/scripts/claims.py"),
        results=results_of(*EXPERIMENTS),
    output:
        csv=report(
            "results/claims.csv",
            caption="../report/claims.rst",
            category="Claims",
            labels={"table": "one row per claim", "format": "CSV"},
        ),
        json=report(
            "results/claims.json",
            caption="../report/claims.rst",
            category="Claims",
            labels={"table": "one row per claim", "format": "JSON"},
        ),
        by_condition=report(
            "results/claims_by_condition.csv",
            caption="../report/claims.rst",
            category="Claims",
            labels={"table": "every condition", "format": "CSV"},
        ),
        table=report(
            "results/claims.txt",
            caption="../report/claims.rst",
            category="Claims",
            labels={"table": "one row per claim", "format": "text"},
        ),
        # so that the site need not read the results, nor Snakemake their checksums for each page
        provenance=report(
            PROVENANCE,
            caption="../report/provenance.rst",
            category="Claims",
            labels={"table": "seeds and versions", "format": "JSON"},
        ),
    log:
        "logs/claims.log",
    benchmark:
        "logs/benchmarks/claims.tsv"
    params:
        experiments=RESULT_FILES,
        groups="ABCD",
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    priority: BEFORE_FIGURES
    group:
        "reading"
    script:
        "../scripts/claims.py"


# The verdicts on the paper's claims alone, without the minutes that the extensions take.
use rule judge_claims as judge_paper_claims with:
    message:
        "paper: verdicts on the claims of the paper"
    input:
        code=modules_of("workflow/scripts/claims.py"),
        results=results_of(*PAPER_EXPERIMENTS),
    output:
        csv="results/paper/claims.csv",
        json="results/paper/claims.json",
        by_condition="results/paper/claims_by_condition.csv",
        table="results/paper/claims.txt",
        provenance="results/paper/provenance.json",
    log:
        "logs/paper_claims.log",
    benchmark:
        "logs/benchmarks/paper_claims.tsv"
    params:
        experiments={name: RESULT_FILES[name] for name in PAPER_EXPERIMENTS},
        groups="ABC",


rule claims:
    """The table of claims with their verdicts, printed; built first if necessary."""
    message:
        "claims: the table"
    input:
        table="results/claims.txt",
    log:
        "logs/claims_shown.txt",  # the same table; without output files the rule runs whenever it is requested
    threads: 1
    conda:
        ENVIRONMENT
    # on a cluster, too, the table appears in the terminal
    localrule: True
    shell:
        "tee {log} < {input.table}"
