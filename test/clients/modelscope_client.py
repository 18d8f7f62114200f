"""Drives an unmodified modelscope_hub against a hub: python modelscope_client.py URL TOKEN MODEL. Prints JSON."""

import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path

url, token, model = sys.argv[1:4]
home = tempfile.mkdtemp()
os.environ.update(
    MODELSCOPE_ENDPOINT=url, MODELSCOPE_HOME=f"{home}/home", MODELSCOPE_CACHE=f"{home}/cache"
)

from file_sums import sums  # noqa: E402
from modelscope_hub import HubApi, __version__  # noqa: E402
from modelscope_hub.errors import APIError  # noqa: E402


def failure(call):
    try:
        call()
    except APIError as error:
        return type(error).__name__
    return None


with contextlib.redirect_stdout(sys.stderr):
    api = HubApi(token=token)
    login = api.login(token)
    mine = f"{login.username}/from-modelscope"
    folder = Path(home, "folder")
    (folder / "sub").mkdir(parents=True)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# From ModelScope\n")
    (folder / "sub" / "large.bin").write_bytes(os.urandom(3 * 1024 * 1024 + 1))
    (folder / "sub" / "名字.txt").write_text("你好\n")

    seen = {
        "version": __version__,
        "who": api.whoami().username,
        "username": login.username,
        "fetched": sums(api.download_repo(model, "model", local_dir=f"{home}/fetched")),
        "listed": sorted(file.path for file in api.list_repo_files(model, "model") if file.type == "blob"),
        "exists": [api.repo_exists(model, "model"), api.repo_exists("nobody/nothing", "model")],
        "no_model": failure(lambda: api.list_repo_files("nobody/nothing", "model")),
    }
    created = api.create_repo(mine, "model", visibility="private", license="mit")
    seen["created"] = f"{created.owner}/{created.name}"
    seen["again"] = failure(lambda: api.create_repo(mine, "model"))
    api.upload_folder(mine, "model", folder, commit_message="first files")
    api.upload_file(mine, "model", b"one more\n", "more.txt", commit_message="one more")
    api.create_repo_tag(mine, "model", "v1")
    api.delete_files(mine, "model", ["more.txt"])
    seen["uploaded"] = sums(folder)
    seen["back"] = sums(api.download_repo(mine, "model", local_dir=f"{home}/back"))
    seen["tagged"] = sums(api.download_repo(mine, "model", revision="v1", local_dir=f"{home}/tagged"))
    seen["revisions"] = sorted(item["Revision"] for item in api.list_repo_revisions(mine, "model"))
    data = f"{login.username}/data-from-modelscope"
    api.create_repo(data, "dataset", visibility="public")
    api.upload_file(data, "dataset", b"a,b\n1,2\n", "table.csv", commit_message="a table")
    seen["data"] = sums(api.download_repo(data, "dataset", local_dir=f"{home}/data"))
    seen["mine"] = sorted(f"{repo.owner}/{repo.name}" for repo in api.list_repos("model", owner=login.username).items)
    api.delete_repo(data, "dataset")
    seen["gone"] = api.repo_exists(data, "dataset")

print(json.dumps(seen))
