"""Drives an unmodified modelscope 1.x over TLS: python modelscope_1_client.py HOST:PORT TOKEN MODEL. Prints JSON."""

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

domain, token, model = sys.argv[1:4]
home = tempfile.mkdtemp()
os.environ.update(MODELSCOPE_DOMAIN=domain, MODELSCOPE_CACHE=f"{home}/cache", MODELSCOPE_CREDENTIALS_PATH=f"{home}/me")

from file_sums import sums  # noqa: E402
from modelscope import __version__  # noqa: E402
from modelscope.hub.api import HubApi  # noqa: E402
from modelscope.hub.file_download import model_file_download  # noqa: E402
from modelscope.hub.snapshot_download import snapshot_download  # noqa: E402


with contextlib.redirect_stdout(sys.stderr):
    api = HubApi()
    api.login(token)
    folder = Path(home, "folder")
    folder.mkdir()
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# From ModelScope 1\n")
    (folder / "large.bin").write_bytes(os.urandom(2 * 1024 * 1024 + 3))
    owner = api.get_user_info()["username"] if hasattr(api, "get_user_info") else "operator"
    mine = f"{owner}/from-modelscope-1"
    seen = {
        "mine": mine,
        "version": __version__,
        "files": sorted(file["Path"] for file in api.get_model_files(model, recursive=True) if file["Type"] == "blob"),
        "fetched": sums(snapshot_download(model, local_dir=f"{home}/fetched")),
        "one": hashlib.sha256(Path(model_file_download(model, "config.json")).read_bytes()).hexdigest(),
        "exists": [api.repo_exists(model), api.repo_exists("nobody/nothing")],
    }
    api.create_model(mine, visibility=1, license="mit")
    api.upload_folder(repo_id=mine, folder_path=str(folder), commit_message="first files")
    seen["uploaded"] = sums(folder)
    seen["back"] = sums(snapshot_download(mine, local_dir=f"{home}/back"))
    seen["listed"] = api.list_models(owner)["TotalCount"] > 0

print(json.dumps(seen))
