"""One-line sabotages of what keeps results whole: (file, line, replacement, test file), each of which must be noticed.

`line` occurs once in src/stdp_backprop/`file`; the test file is below tests/.
"""

SABOTAGES = (
    ("records.py", 'kept.get("size") != now["size"]', "False", "unit/test_records.py"),
    ("records.py", 'kept.get("sha256") != _sha256(path)', "False", "unit/test_records.py"),
    ("records.py", ', "ctime_ns": status.st_ctime_ns', "", "unit/test_records.py"),
    ("records.py", "_keep(file, kept | now)", "pass", "unit/test_records.py"),
    (
        "records.py",
        '{file, *_kept(file).get("together", [])}',
        "{file}",
        "unit/test_records.py",
    ),
    ("records.py", "_record_of(file).unlink(missing_ok=True)", "pass", "unit/test_records.py"),
    ("records.py", "and not _record_of(file).exists()", "and False", "unit/test_records.py"),
    ("failures.py", "[-LAST_LINES:]", "[:LAST_LINES]", "unit/test_failures.py"),
    ("failures.py", "line[:LONGEST_LINE]", "line", "unit/test_failures.py"),
    ("failures.py", "target, *options", "target", "unit/test_failures.py"),
    ("files.py", "if error.errno in REFUSED", "if False", "unit/test_files.py"),
    ("files.py", "partial.unlink(missing_ok=True)", "pass", "unit/test_files.py"),
    ("config/reading.py", "if TEMPLATE in raw:", "if False:", "unit/test_config_generated.py"),
    ("config/stdp.py", "[a-z0-9_]{0,39}$", "[a-z0-9_]*$", "unit/test_names_in_files.py"),
    ("config/messages.py", "name if name.isprintable() else repr(name)", "name", "unit/test_names_in_files.py"),
)
