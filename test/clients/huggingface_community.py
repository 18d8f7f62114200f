"""Talks, asks for changes, merges, likes, collects and watches as huggingface_hub does; prints what it saw."""

import json
import os
import sys
import tempfile

url, token, name = sys.argv[1:4]
os.environ["HF_ENDPOINT"] = url
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ["HF_HUB_DISABLE_XET"] = "1"
os.environ["HF_HOME"] = tempfile.mkdtemp()

import huggingface_hub
from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.utils import HfHubHTTPError

api = HfApi(token=token)


def status(call) -> int:
    try:
        call()
    except HfHubHTTPError as error:
        return error.response.status_code
    return 200


def put(text: str, **more):
    operations = [CommitOperationAdd("notes.txt", text.encode())]
    return api.create_commit(repo, operations, commit_message=text.strip(), **more)


me = api.whoami()["name"]
repo = api.create_repo(name, private=True).repo_id
put("one\n")

talk = api.create_discussion(repo, "A question", description="Is it **good**?")
said = api.comment_discussion(repo, talk.num, "It is.")
api.edit_discussion_comment(repo, talk.num, said.id, "It is, really.")
renamed = api.rename_discussion(repo, talk.num, "An answer")
closed = api.change_discussion_status(repo, talk.num, "closed", comment="Thanks.")
api.hide_discussion_comment(repo, talk.num, said.id)
thread = api.get_discussion_details(repo, talk.num)

draft = api.create_pull_request(repo, "By draft")
put("two\n", revision=draft.git_reference)
api.change_discussion_status(repo, draft.num, "open")
wanted = api.get_discussion_details(repo, draft.num)
api.merge_pull_request(repo, draft.num, comment="Good.")
merged = api.get_discussion_details(repo, draft.num)

conflicting = put("theirs\n", create_pr=True).pr_num
put("ours\n")
conflict = api.get_discussion_details(repo, conflicting)
refused = status(lambda: api.merge_pull_request(repo, conflicting))

listed = [
    [one.num, one.status, one.is_pull_request]
    for one in api.get_repo_discussions(repo)
]
open_pulls = [
    one.num
    for one in api.get_repo_discussions(
        repo, discussion_type="pull_request", discussion_status="open", author=me
    )
]

with_token = {"Authorization": f"Bearer {token}"}
huggingface_hub.utils.get_session().post(f"{url}/api/models/{repo}/like", headers=with_token)
likers = [user.username for user in api.list_repo_likers(repo)]
liked = repo in api.list_liked_repos().models
api.unlike(repo)
unliked = repo not in api.list_liked_repos(me).models

collection = api.create_collection(f"Of {name}", description="Some", private=True)
again = api.create_collection(f"Of {name}", exists_ok=True).slug
collection = api.add_collection_item(collection.slug, repo, "model", note="First")
api.add_collection_item(collection.slug, repo, "model", exists_ok=True)
other = api.create_collection(f"Beside {name}")
collection = api.add_collection_item(collection.slug, other.slug, "collection")
api.update_collection_item(collection.slug, collection.items[1].item_object_id, position=0)
updated = api.update_collection_metadata(collection.slug, title=f"From {name}", theme="green")
found = [one.slug for one in api.list_collections(owner=me, item=f"models/{repo}")]
items = [[item.item_type, item.item_id, item.note] for item in api.get_collection(updated.slug).items]
api.delete_collection_item(collection.slug, collection.items[0].item_object_id)
left = len(api.get_collection(collection.slug).items)
api.delete_collection(updated.slug)
api.delete_collection(other.slug)
gone = status(lambda: api.get_collection(updated.slug))

copied, large = True, []
if hasattr(api, "duplicate_repo"):
    api.upload_file(repo_id=repo, path_or_fileobj=bytes(range(256)) * 100, path_in_repo="w.bin")
    copy = api.duplicate_repo(repo, f"{repo}-copy").repo_id
    copied = api.duplicate_repo(repo, copy, exist_ok=True).repo_id == copy
    files = list(api.list_lfs_files(repo))
    api.permanently_delete_lfs_files(repo, files)
    large = [file.filename for file in files] + list(api.list_lfs_files(repo))
    copied = copied and api.file_exists(copy, "w.bin") and not api.file_exists(repo, "w.bin")
    api.delete_repo(copy)

watched = [{"type": "model", "name": repo}]
hook = api.create_webhook(url="https://example.com/hook", watched=watched, secret="s")
hook = api.update_webhook(hook.id, url="https://example.com/other", domains=["discussion"])
off = api.disable_webhook(hook.id).disabled
on = not api.enable_webhook(hook.id).disabled
hooks = [[one.url, one.domains, one.watched[0].name] for one in api.list_webhooks() if one.id == hook.id]
api.delete_webhook(hook.id)
api.delete_repo(repo)

print(
    json.dumps(
        {
            "version": huggingface_hub.__version__,
            "repo": repo,
            "talk": [thread.title, thread.status, thread.author == me],
            "events": [event.type for event in thread.events],
            "hidden": [thread.events[1].hidden, thread.events[1].content],
            "changed": [renamed.new_title, closed.new_status],
            "draft": draft.status,
            "diff": wanted.diff,
            "target": wanted.target_branch,
            "merged": [merged.status, merged.merge_commit_oid is not None],
            "conflicts": conflict.conflicting_files,
            "refused": refused,
            "listed": listed,
            "open_pulls": open_pulls,
            "likes": [likers == [me], liked, unliked],
            "collection": [again == collection.slug, updated.title, updated.theme],
            "found": found == [updated.slug],
            "items": items,
            "other": other.slug,
            "left": left,
            "gone": gone,
            "copied": [copied, large],
            "hooks": hooks,
            "turned": [off, on],
        }
    )
)
