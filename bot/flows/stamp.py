"""A trusted timestamp (RFC 3161) put to a seal: somebody else's word for when the journal stood as it stands."""

from bot.flows.find import community_named
from bot.flows.ledger import LedgerError
from store import evidence as shelf
from store.engine import Store


async def keep_stamp(store: Store, number: int, token: bytes, community: str | None = None) -> str:
    """Keeps the timestamp service's answer with a seal of a community's chain, or of the house's; answers its hash.

    Raises NotFound for an unknown community and LedgerError when there is no such seal or the answer is not about it.
    """
    async with store.write() as conn:
        community_id = (await community_named(conn, community)).id if community else None
        seal = await shelf.seal_numbered(conn, community_id, number)
        if seal is None:
            raise LedgerError(f"there is no seal {number}; `yinuo verify` shows the newest of each chain")
        if seal.hash not in token:
            raise LedgerError(f"this answer does not speak of seal {number} ({seal.hash.hex()})")
        await shelf.put_stamp(conn, seal.id, token)
        return str(seal.hash.hex())
