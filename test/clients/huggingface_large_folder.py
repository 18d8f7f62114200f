"""Uploads a folder of many files, to be killed and taken up again. Xet is off."""

import os
import sys
import tempfile

url, token, name, folder = sys.argv[1:5]
os.environ["HF_ENDPOINT"] = url
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ["HF_HUB_DISABLE_XET"] = "1"
os.environ["HF_HOME"] = tempfile.mkdtemp()

from huggingface_hub import HfApi

api = HfApi(token=token)
api.create_repo(name, private=True, exist_ok=True)
if hasattr(api, "upload_large_folder"):
    api.upload_large_folder(
        repo_id=name, folder_path=folder, repo_type="model", num_workers=2, print_report=False
    )
else:
    # Today's upload_folder does what upload_large_folder did.
    api.upload_folder(repo_id=name, folder_path=folder)
# The hub says of large files in .gitattributes, as git wants it.
print(len([path for path in api.list_repo_files(name) if path.endswith(".bin")]))
