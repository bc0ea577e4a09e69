rule learning:
    """Extension: networks learn handwritten digits by the rate rules and by backpropagation; checked."""
    message:
        "learning: complete"
    input:
        results_of("learning"),


rule run_learning:
    """One network of the experiment learning, all repetitions side by side: each step is one operation over all of them."""
    message:
        "learning: {wildcards.learner}"
    input:
        code=modules_of("workflow/scripts/learning.py"),
    output:
        expand(
            "results/learning/{{learner}}_{repetition}.nc",
            repetition=range(CONFIGURATION.learning.n_seeds),
        ),
    log:
        "logs/learning/{learner}.log",
    benchmark:
        "logs/benchmarks/learning/{learner}.tsv"
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
