"""What a folder holds, for the clients' scripts: SHA-256 by path, without what clients keep for themselves."""

import hashlib
from pathlib import Path


def sums(folder):
    folder = Path(folder)
    found = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith((".", "_")) for part in parts):
            found["/".join(parts)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
