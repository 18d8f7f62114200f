"""Writes to the hub as huggingface_hub does, in whatever generation is on the path; prints what it saw.

Xet is off: files go by LFS or inline.
"""

import json
import os
import sys
import tempfile

url, token, name, folder = sys.argv[1:5]
os.environ["HF_ENDPOINT"] = url
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ["HF_HUB_DISABLE_XET"] = "1"
os.environ["HF_HOME"] = tempfile.mkdtemp()

import huggingface_hub
from file_sums import sums
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete, HfApi
from huggingface_hub.utils import HfHubHTTPError


def status(call) -> int:
    try:
        call()
    except HfHubHTTPError as error:
        return error.response.status_code
    return 200


api = HfApi(token=token)
repo = api.create_repo(name, private=True).repo_id
again = api.create_repo(name, private=True, exist_ok=True).repo_id
api.upload_folder(repo_id=repo, folder_path=folder, ignore_patterns=["*.skip"])
head = api.model_info(repo).sha
api.upload_file(repo_id=repo, path_or_fileobj=b"one more", path_in_repo="more.txt")
stale = status(
    lambda: api.create_commit(
        repo_id=repo,
        operations=[CommitOperationAdd("late.txt", b"late")],
        commit_message="late",
        parent_commit=head,
    )
)
api.create_branch(repo, branch="dev")
api.create_tag(repo, tag="v1")
api.create_commit(
    repo_id=repo,
    revision="dev",
    operations=[
        CommitOperationCopy("big.bin", "copy.bin"),
        CommitOperationDelete("more.txt"),
        CommitOperationAdd("README.md", b"---\nlicense: mit\n---\n# Dev\n"),
    ],
    commit_message="On dev",
)
pull = api.upload_file(
    repo_id=repo, path_or_fileobj=b"a wish", path_in_repo="wish.txt", create_pr=True
)
refs = api.list_repo_refs(repo, include_pull_requests=True)
main = sums(api.snapshot_download(repo))
dev = sums(api.snapshot_download(repo, revision="dev"))
commits = [commit.title for commit in api.list_repo_commits(repo)]
large = [file.filename for file in api.list_lfs_files(repo)] if hasattr(api, "list_lfs_files") else []
moved = f"{repo}-moved"
api.move_repo(repo, moved)
api.update_repo_settings(moved, private=False, gated="auto")
gated = api.model_info(moved).gated
old_name = api.model_info(repo).id
api.super_squash_history(moved)
squashed = len(api.list_repo_commits(moved))
dataset = api.create_repo(f"{repo}-data", repo_type="dataset").repo_id
api.upload_file(
    repo_id=dataset, repo_type="dataset", path_or_fileobj=b'{"a": 1}\n', path_in_repo="rows.jsonl"
)
rows = open(api.hf_hub_download(dataset, "rows.jsonl", repo_type="dataset")).read()
exists = api.repo_exists(moved)
api.delete_repo(moved)
print(
    json.dumps(
        {
            "version": huggingface_hub.__version__,
            "repo": moved,
            "again": again == repo,
            "local": {path: sha for path, sha in sums(folder).items() if not path.endswith(".skip")},
            "main": main,
            "dev": sorted(dev),
            "copied": dev.get("copy.bin") == main.get("big.bin"),
            "stale": stale,
            "branches": sorted(branch.name for branch in refs.branches),
            "tags": [tag.name for tag in refs.tags],
            "pulls": [pull.ref for pull in refs.pull_requests or []],
            "pull": pull.pr_num if hasattr(pull, "pr_num") else 1,
            "commits": commits,
            "large": sorted(large),
            "gated": gated,
            "old_name": old_name,
            "squashed": squashed,
            "rows": rows,
            "exists": [exists, api.repo_exists(moved)],
        }
    )
)
