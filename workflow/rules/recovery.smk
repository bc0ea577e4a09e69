# After something went wrong: files that are not what their jobs wrote are built again, failed jobs are named at the end.

from stdp_backprop.failures import FailedJob, summary
from stdp_backprop.records import mark_incomplete, unfit

MOST_FILES_NAMED = 10


def files_of_rules():
    """Every file that a rule writes, as far as the configuration alone tells their names."""
    named = (str(file) for rule in workflow.rules if not rule.has_wildcards() for file in rule.output)
    return dict.fromkeys([*results_of(*RESULTS), *named])


if workflow.is_main_process and not others_at_work(STATE):
    UNFIT = unfit(files_of_rules())
    for file, why in list(UNFIT.items())[:MOST_FILES_NAMED]:
        logger.warning(f"{file}: {why}. It will be built again, with what was made from it.")
    if len(UNFIT) > MOST_FILES_NAMED:
        logger.warning(f"The same is true of {len(UNFIT) - MOST_FILES_NAMED} more files.")
    for file in UNFIT:
        mark_incomplete(file)


def options_of_this_run():
    """The options that a run of a single job needs too."""
    files, folder = list(map(str, workflow.config_settings.configfiles)), workflow.overwrite_workdir
    elsewhere = ["--directory", os.getcwd()] if folder else []
    return [*elsewhere, *(["--configfile", *(files if folder else map(os.path.relpath, files))] if files else [])]


def failed_jobs():
    members = [job for failed in workflow.scheduler.failed for job in (failed if failed.is_group() else [failed])]
    return [
        FailedJob(" ".join([job.rule.name, *map(str, job.wildcards)]), str(job.log), [str(file) for file in job.output])
        for job in members
    ]


onerror:
    logger.error(summary(failed_jobs(), options_of_this_run()))
