"""Everything sealed with a key of the house, and how it is sealed anew, a batch at a time, while others write."""

from collections import Counter

from sqlalchemy import ColumnElement, LargeBinary, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Store
from store.tables import metadata
from store.vault import Vault

BATCH = 500
SEALED = tuple(
    (table.name, column.name)
    for table in metadata.sorted_tables
    for column in table.columns
    if column.name.endswith("_sealed") and isinstance(column.type, LargeBinary)
)
"""Every column that holds something sealed: found by its name, so that a new one is never forgotten."""


def _head(value: ColumnElement[bytes]) -> ColumnElement[bytes]:
    """The first bytes, which name the key: a picture is not read to learn who sealed it."""
    return func.substr(value, 1, 256, type_=LargeBinary)


async def reseal(store: Store, vault: Vault) -> int:
    """Seals anew what an older key sealed; answers how many. One changed meanwhile is left for the next run."""
    done = 0
    for table_name, column in SEALED:
        after: object = None
        while True:
            async with store.write() as conn:
                after, count = await _batch(conn, vault, table_name, column, after)
            done += count
            if after is None:
                break
    return done


async def _batch(
    conn: AsyncConnection, vault: Vault, table_name: str, column: str, after: object
) -> tuple[object, int]:  # fmt: skip
    """One batch beyond a key; answers the last key looked at (None: the end) and how many were sealed anew."""
    table = metadata.tables[table_name]
    key, value = next(iter(table.primary_key.columns)), table.c[column]
    query = select(key, _head(value)).where(value.is_not(None)).order_by(key).limit(BATCH)
    rows = (await conn.execute(query if after is None else query.where(key > after))).all()
    count = 0
    for row_key, head in rows:
        if vault.sealed_with(head) != vault.current:
            sealed = (await conn.execute(select(value).where(key == row_key))).scalar_one()
            fresh = vault.seal_bytes(vault.open_bytes(sealed))
            made = await conn.execute(update(table).where(key == row_key, value == sealed).values({column: fresh}))
            count += made.rowcount
    return (rows[-1][0] if len(rows) == BATCH else None), count


async def sealed_by(store: Store, vault: Vault) -> Counter[str]:
    """How many values each key has sealed."""
    found: Counter[str] = Counter()
    for table_name, column in SEALED:
        value = metadata.tables[table_name].c[column]
        async with store.read() as conn:
            async for row in await conn.stream(select(_head(value)).where(value.is_not(None))):
                found[vault.sealed_with(row[0])] += 1
    return found
