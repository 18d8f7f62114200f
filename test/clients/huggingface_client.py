"""Reads the hub as huggingface_hub does, in whatever generation is on the path; prints what it saw."""

import hashlib
import json
import os
import sys
import tempfile

url, token, model = sys.argv[1:4]
os.environ["HF_ENDPOINT"] = url
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ["HF_HOME"] = tempfile.mkdtemp()

import huggingface_hub
from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from huggingface_hub.utils import (
    EntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)


def sha256(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def raised(call) -> str:
    try:
        call()
    except EntryNotFoundError:
        return "EntryNotFoundError"
    except RevisionNotFoundError:
        return "RevisionNotFoundError"
    except RepositoryNotFoundError:
        return "RepositoryNotFoundError"
    except Exception as error:  # noqa: BLE001
        return type(error).__name__
    return "nothing"


api = HfApi(token=token)
info = api.model_info(model, files_metadata=True)
folder = snapshot_download(model, token=False)
partial = snapshot_download(model, token=token, allow_patterns=["*.json"])
downloaded = {
    os.path.relpath(os.path.join(root, name), folder): sha256(os.path.join(root, name))
    for root, _, names in os.walk(folder)
    for name in names
}
print(
    json.dumps(
        {
            "version": huggingface_hub.__version__,
            "who": api.whoami()["type"],
            "sha": info.sha,
            "tags": "license:apache-2.0" in (info.tags or []),
            "files": sorted(api.list_repo_files(model)),
            "sizes": {file.rfilename: file.size for file in info.siblings},
            "paths": [entry.path for entry in api.get_paths_info(model, ["README.md", "none"])],
            "tree": sorted(entry.path for entry in api.list_repo_tree(model, recursive=True)),
            "refs": [branch.name for branch in api.list_repo_refs(model).branches],
            "commits": len(api.list_repo_commits(model)) > 0,
            "listed": [found.id for found in api.list_models(search=model.split("/")[1], limit=5)],
            "exists": [api.repo_exists(model), api.repo_exists("nobody/none")],
            "has_file": [api.file_exists(model, "README.md"), api.file_exists(model, "none")],
            "folder": folder.rsplit("/", 1)[1] == info.sha,
            "json_only": all(name.endswith(".json") for name in os.listdir(partial)) or partial == folder,
            "downloaded": downloaded,
            "no_model": raised(lambda: api.model_info("nobody/none")),
            "no_revision": raised(lambda: api.model_info(model, revision="v9")),
            "no_file": raised(lambda: hf_hub_download(model, "none.bin")),
        }
    )
)
