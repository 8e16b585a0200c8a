"""Schemathesis against a running server: every phase of it, with a token, by the server's own OpenAPI document."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from msgspec import Struct

HERE = Path(__file__).parent


class Fuzzed(Struct, frozen=True, kw_only=True):
    """What a run came to.

    Args:
        failed: Whether anything differed from the document.
        said: What Schemathesis printed.

    """

    failed: bool
    said: str


async def fuzz(
    address: str, token: str, *, seed: int, examples: int, seconds: int | None = None, options: tuple[str, ...] = ()
) -> Fuzzed:
    """Ask a server for everything that its OpenAPI document offers, and for what it does not.

    Args:
        address: Where the server is, such as `http://127.0.0.1:8000`; it should have no blogs that matter.
        token: Of an editor whose token is limited to no blogs.
        seed: The same seed asks the same.
        examples: At most so many cases for each operation and phase.
        seconds: Go on until so much time is spent.
        options: Further ones of `schemathesis run`.

    """
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{address}/openapi.json", "--header", f"Authorization: Bearer {token}"),
        *("--seed", str(seed), "--max-examples", str(examples), "--no-color"),
        *([] if seconds is None else ["--max-time", str(seconds)]),
        *options,
    ]
    with tempfile.TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(HERE), "COLUMNS": "200"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return Fuzzed(failed=process.returncode != 0, said=said.decode())
