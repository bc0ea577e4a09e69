# Figures and claims need the file that a check writes: none rests on an unconverged state or a missing value.


rule check:
    """Checks of the results of an experiment (tests/results); figures and claims are made only if they pass."""
    message:
        "check: the results of {wildcards.experiment}"
    input:
        results=lambda wildcards: RESULT_FILES[wildcards.experiment],
        sources=lambda wildcards: expand("results/checks/{source}.txt", source=EXPERIMENTS[wildcards.experiment].reads),
        code=lambda wildcards: [
            *modules_of("workflow/scripts/check.py"),
            *modules_of("tests/results/conftest.py"),
            *modules_of("tests/results/test_every_experiment.py"),
            *modules_of(f"tests/results/test_{wildcards.experiment}.py"),
            in_project(f"tests/results/variables/{wildcards.experiment}.csv"),
        ],
    output:
        passed=report(
            "results/checks/{experiment}.txt",
            caption="../report/checks.rst",
            category="Checks",
            labels={"experiment": "{experiment}", "format": "text"},
        ),
    log:
        "logs/check/{experiment}.log",
    benchmark:
        "logs/benchmarks/check/{experiment}.tsv"
    params:
        seed=CONFIGURATION.seed,
        settings=lambda wildcards: settings_of(wildcards.experiment),
    wildcard_constraints:
        experiment="|".join(EXPERIMENTS),
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    priority: BEFORE_FIGURES
    group:
        "experiment"
    script:
        "../scripts/check.py"
