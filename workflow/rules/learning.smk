rule learning:
    """Extension: networks learn handwritten digits by the rate rules and by backpropagation; checked."""
    message:
        "learning: complete"
    input:
        results_of("learning"),


rule run_learning:
    """One network of the experiment learning on one split of the digits, all seeds side by side."""
    message:
        "learning: {wildcards.learner}, split {wildcards.split}"
    input:
        code=modules_of("workflow/scripts/learning.py"),
    output:
        result="results/learning/{learner}_{split}.nc",
    log:
        "logs/learning/{learner}_{split}.log",
    benchmark:
        "logs/benchmarks/learning/{learner}_{split}.tsv"
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
