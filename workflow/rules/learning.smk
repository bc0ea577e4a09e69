rule learning:
    """Extension: networks learn handwritten digits by the rate rules and by backpropagation; checked."""
    message:
        "learning: complete"
    input:
        results_of("learning"),


rule run_learning:
    """One network of the experiment learning, from one set of first weights."""
    message:
        "learning: {wildcards.learner}, repetition {wildcards.repetition}"
    input:
        code=modules_of("workflow/scripts/learning.py"),
    output:
        result="results/learning/{learner}_{repetition}.nc",
    log:
        "logs/learning/{learner}_{repetition}.log",
    benchmark:
        "logs/benchmarks/learning/{learner}_{repetition}.tsv"
    params:
        seed=CONFIGURATION.seed,
        settings=lambda wildcards: settings_of("learning", wildcards),
    # one thread of linear algebra too: on matrices this small a second one only costs
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    script:
        "../scripts/learning.py"
