"""One-line mutations of what keeps results whole: (file, line, replacement, test file), each of which must be noticed.

`line` occurs once in src/stdp_backprop/`file`; the test file is below tests/.
"""

MUTATIONS = (
    ("pipeline/records.py", 'kept.get("size") != now["size"]', "False", "unit/pipeline/test_records.py"),
    ("pipeline/records.py", 'kept.get("sha256") != checksum(path)', "False", "unit/pipeline/test_records.py"),
    ("pipeline/records.py", ', "ctime_ns": status.st_ctime_ns', "", "unit/pipeline/test_records.py"),
    ("pipeline/records.py", "_keep(file, {**kept, **now})", "pass", "unit/pipeline/test_records.py"),
    ("pipeline/records.py", 'kept.get(file, {}).get("together", [])', "[]", "unit/pipeline/test_records.py"),
    ("pipeline/records.py", 'new.intersection(record.get("made_from", []))', "False", "unit/pipeline/test_records.py"),
    ("pipeline/records.py", "found |= new", "found = new", "unit/pipeline/test_records.py"),
    ("pipeline/records.py", "_record_of(file).unlink(missing_ok=True)", "pass", "unit/pipeline/test_records.py"),
    ("pipeline/records.py", "and not _record_of(file).exists()", "and False", "unit/pipeline/test_records.py"),
    ("pipeline/failures.py", "[-LAST_LINES:]", "[:LAST_LINES]", "unit/pipeline/test_failures.py"),
    ("pipeline/failures.py", "line[:LONGEST_LINE]", "line", "unit/pipeline/test_failures.py"),
    ("pipeline/failures.py", "target, *options", "target", "unit/pipeline/test_failures.py"),
    ("pipeline/io.py", "if error.errno in UNWRITABLE", "if False", "unit/pipeline/test_io.py"),
    ("pipeline/io.py", "partial.unlink(missing_ok=True)", "pass", "unit/pipeline/test_io.py"),
    ("config/reading.py", "if TEMPLATE in raw:", "if False:", "unit/config/test_generated.py"),
    ("config/stdp.py", "[a-z0-9_]{0,39}$", "[a-z0-9_]*$", "unit/pipeline/test_names_in_files.py"),
    (
        "config/messages.py",
        "name if name.isprintable() else repr(name)",
        "name",
        "unit/pipeline/test_names_in_files.py",
    ),
)
