"""One-line mutations of what keeps results whole; see `mutation`."""

MUTATIONS = {
    ("pipeline/records.py", "unit/pipeline/test_records.py"): [
        ('kept.get("size") != now["size"]', "False"),
        ('kept.get("sha256") != checksum(path)', "False"),
        (', "ctime_ns": status.st_ctime_ns', ""),
        ("_keep(file, {**kept, **now})", "pass"),
        ('kept.get(file, {}).get("together", [])', "[]"),
        ('new.intersection(record.get("made_from", []))', "False"),
        ("found |= new", "found = new"),
        ("_record_of(file).unlink(missing_ok=True)", "pass"),
        ("and not _record_of(file).exists()", "and False"),
    ],
    ("pipeline/failures.py", "unit/pipeline/test_failures.py"): [
        ("[-LAST_LINES:]", "[:LAST_LINES]"),
        ("line[:LONGEST_LINE]", "line"),
        ("target, *options", "target"),
    ],
    ("pipeline/io.py", "unit/pipeline/test_io.py"): [
        ("if error.errno in UNWRITABLE", "if False"),
        ("partial.unlink(missing_ok=True)", "pass"),
    ],
    ("config/reading.py", "unit/config/test_generated.py"): [("if TEMPLATE in raw:", "if False:")],
    ("config/fields.py", "unit/pipeline/test_names_in_files.py"): [("[a-z0-9_]{0,39}$", "[a-z0-9_]*$")],
    ("config/messages.py", "unit/pipeline/test_names_in_files.py"): [
        ("name if name.isprintable() else repr(name)", "name")
    ],
}
