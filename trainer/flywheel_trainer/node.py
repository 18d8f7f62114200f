"""Calls the two Node scripts beside this package: the embedded engine and the embedded database."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent.parent


def _run(script: str, *arguments: str) -> object:
    if not shutil.which('node'):
        raise SystemExit('node is not on the PATH; it runs the embedded engine and database for the checks.')
    done = subprocess.run(['node', str(HERE / script), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        hint = ' Run `npm ci` in the repository first.' if 'ERR_MODULE_NOT_FOUND' in done.stderr else ''
        raise SystemExit(f'{script} failed.{hint}\n{done.stderr[-1500:]}')
    return json.loads(done.stdout.splitlines()[-1])


def engine(model: Path, requests: list[dict], adapter: Path | None = None) -> dict:
    """Greedy token ids from the GGUF in the embedded engine, with load time and speed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'requests.json')
        path.write_text(json.dumps(requests), 'utf-8')
        return _run('engine_check.mjs', str(model.resolve()), str(path), *([str(adapter.resolve())] if adapter else []))


def sql(queries: list[str], schema: str, seed: str) -> list[dict]:
    """The rows, or the error, of each query on a fresh PGlite with the given schema and rows."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ('queries.json', 'schema.sql', 'seed.sql')]
        for path, text in zip(paths, (json.dumps(queries), schema, seed), strict=True):
            path.write_text(text, 'utf-8')
        return _run('run_sql.mjs', *map(str, paths))
