"""Run times are those that Snakemake measured."""

from stdp_backprop.pipeline.timings import timings, total

HEAD = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def test_jobs_carry_the_name_of_their_file_and_the_numbers_of_their_last_run(tmp_path):
    (tmp_path / "relaxation").mkdir()
    (tmp_path / "claims.tsv").write_text(HEAD + "6.36\t0:00:06\t291.40\t1\t1\t1\t1\t1\t36.00\t2.46\n")
    (tmp_path / "relaxation" / "tanh.tsv").write_text(HEAD + "0.5\t0:00:00\t-\t-\t-\t-\t-\t-\t-\t-\n")
    claims, relaxation = timings(tmp_path)
    assert (claims.job, claims.seconds, claims.memory_mb, claims.cores) == ("claims", 6.36, 291.4, 0.36)
    assert (relaxation.job, relaxation.memory_mb, relaxation.cores) == ("relaxation/tanh", None, None)
    assert total([claims, relaxation]) == 6.86


def test_without_benchmarks_there_are_no_jobs(tmp_path):
    assert timings(tmp_path / "absent") == []
