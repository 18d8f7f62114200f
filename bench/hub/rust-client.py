"""Sends files to a Xet server as hf-xet does it, one after the other; prints how many seconds it took."""

import sys
import time

endpoint, token, *paths = sys.argv[1:]
try:
    import hf_xet
except ModuleNotFoundError:
    print("not installed")
    sys.exit(0)

expires = int(time.time()) + 600
started = time.monotonic()
for path in paths:
    # Several at once do not see each other's chunks.
    hf_xet.upload_files([path], endpoint, (token, expires), lambda: (token, expires), None, "model")
print(time.monotonic() - started)
