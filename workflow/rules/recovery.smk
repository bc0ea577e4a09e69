# Recovery: files that differ from what their jobs wrote are built again, failed jobs are listed at the end.

from stdp_backprop.pipeline.failures import FailedJobs, summary
from stdp_backprop.pipeline.locks import Busy, if_free, take
from stdp_backprop.pipeline.records import SET_ASIDE, set_aside, unfit

MOST_FILES_NAMED = 10


def set_unfit_files_aside(outputs):
    damaged = unfit(outputs)
    for file, why in list(damaged.items())[:MOST_FILES_NAMED]:
        logger.warning(
            f"{file}: {why}. It and the files made from it will be built again where needed; the old file is {SET_ASIDE / file}."
        )
    if len(damaged) > MOST_FILES_NAMED:
        logger.warning(f"The same applies to {len(damaged) - MOST_FILES_NAMED} more files.")
    set_aside(damaged)


def lock_folder():
    """Keep other runs out of this folder until the end, however this run ends."""
    try:
        if not take(STATE):
            logger.warning(
                "The file system does not support locks: make sure that no second Snakemake runs in this folder."
            )
    except Busy as other:
        end_run(
            f"Another Snakemake is building in this folder: {other}. Wait until it has ended, or stop it.\n"
            "To build at the same time, use another folder: snakemake --directory FOLDER"
        )


FAILED = FailedJobs()
if is_main(workflow):
    logger.addHandler(FAILED)
    with if_free(STATE) as free:
        if free:
            for left_behind in Path("results").glob("**/.*.partial"):
                left_behind.unlink(missing_ok=True)
            set_unfit_files_aside(named_files())


onstart:
    lock_folder()


onerror:
    logger.error(summary(FAILED.jobs(), options_of(workflow)))
