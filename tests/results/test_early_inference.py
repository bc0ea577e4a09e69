"""What `results/early_inference/*.nc` must hold before anything is concluded from it."""


def test_every_nudge_was_applied(dataset, settings, fail_on, build_again):
    found = dataset["nudge"].values.tolist()
    problems = [] if found == settings["nudges"] else [f"nudges {found}; the configuration says {settings['nudges']}"]
    fail_on(problems, build_again)
