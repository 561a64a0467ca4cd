"""The files of an evidence bundle: what owners sent along and what staff kept as proof, as they came.

One is read, written and let go before the next: a long story has hundreds of megabytes of pictures.
"""

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.attachments import kind_of
from bot.flows.evidence_facts import EXTENSIONS, Fact
from store import evidence as shelf
from store.vault import Vault


async def write_files(conn: AsyncConnection, vault: Vault, facts: Fact, folder: Path) -> list[str]:
    """Writes them and answers their names. A proof is named by what it is. Raises VaultError for a lost key."""

    async def received(number: int) -> bytes:
        return vault.open_bytes(await shelf.file_sealed(conn, number))

    async def proof(number: int) -> bytes:
        return await shelf.proof(conn, number)

    for fact in (one for heard in facts["heard"] for one in heard["files"]):
        await _write(fact, received, folder)
    for fact in facts["human_contacts"]:
        await _write(fact, proof, folder)
    every = [*(one for heard in facts["heard"] for one in heard["files"]), *facts["human_contacts"]]
    return [fact["file"] for fact in every if fact["file"]]


async def _write(fact: Fact, read: Callable[[int], Awaitable[bytes]], folder: Path) -> None:
    if fact["file"] is None:
        return
    content = await read(int(fact["row"].partition(":")[2]))
    if "." not in fact["file"]:
        fact["file"] += "." + EXTENSIONS.get(kind_of(content), "bin")
    fact["sha256"], fact["bytes"] = hashlib.sha256(content).hexdigest(), len(content)
    (folder / fact["file"]).write_bytes(content)
