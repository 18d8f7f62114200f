"""Uploads and downloads through hf-xet, as huggingface_hub does wherever it is installed; prints what it saw."""

import json
import os
import sys
import tempfile

url, token, name, folder = sys.argv[1:5]
os.environ["HF_ENDPOINT"] = url
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ["HF_HOME"] = tempfile.mkdtemp()

import hf_xet  # noqa: E402, F401
import huggingface_hub  # noqa: E402
from file_sums import sums  # noqa: E402
from huggingface_hub import HfApi  # noqa: E402
from huggingface_hub.utils import get_session  # noqa: E402


api = HfApi(token=token)
repo = api.create_repo(name, private=True).repo_id
api.upload_folder(repo_id=repo, folder_path=folder, commit_message="first")
head = get_session().head(
    f"{url}/{repo}/resolve/main/base.bin", headers={"authorization": f"Bearer {token}"}
)
print(
    json.dumps(
        {
            "version": huggingface_hub.__version__,
            "repo": repo,
            "local": sums(folder),
            "back": sums(api.snapshot_download(repo)),
            "hash": head.headers.get("x-xet-hash", ""),
        }
    )
)
