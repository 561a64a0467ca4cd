"""Keys brought in afresh while everybody works on: the key file first, then batch by batch what old keys sealed.

A running process looks into the key file before it seals anything, so nothing new is sealed with an old key.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store.engine import Store, private_file
from store.resealing import reseal, sealed_by
from store.vault import Vault, VaultError, prepared, rotated, without

ROUNDS = 5
"""How often we go round again for what a process still sealed with the old key meanwhile."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """Which key is current, how much was sealed anew, and what other keys still seal."""

    current: str
    resealed: int
    left: dict[str, int]

    def json(self) -> dict[str, Any]:
        return {"current": self.current, "resealed": self.resealed, "left": self.left}

    def words(self) -> str:
        rest = ", ".join(f"{count} by {name}" for name, count in self.left.items())
        after = f"; still sealed {rest}: yinuo keys rotate --again" if rest else "; old keys may be retired"
        return f"{self.current} is current; {self.resealed} values sealed anew{after}"


def _read(key_file: Path) -> str:
    if not key_file.exists():
        raise VaultError(
            f"there is no key file at {key_file}; keys given as YINUO_KEYS are changed where they are kept"
        )
    return key_file.read_text()


def prepare(key_file: Path) -> None:
    """Puts a fresh key into the file without using it yet: copy the file to every machine, then rotate."""
    private_file(key_file, prepared(_read(key_file)), as_before=True)


async def bring_in(url: str, key_file: Path, *, fresh: bool = True) -> Rotation:
    """Makes a newer key current and seals everything with it; not ``fresh``: only what older keys sealed meanwhile.

    Raises VaultError without a key file.
    """
    text = rotated(_read(key_file)) if fresh else _read(key_file)
    private_file(key_file, text, as_before=True)
    vault = Vault.parse(text)
    store = Store(url, vault)
    try:
        done = 0
        for _ in range(ROUNDS):
            count = await reseal(store, vault)
            done += count
            if not count:
                break
        left = await sealed_by(store, vault)
    finally:
        await store.close()
    return Rotation(vault.current, done, {name: n for name, n in left.items() if name != vault.current})


async def retire(url: str, key_file: Path, name: str) -> None:
    """Takes an old key out of the key file. Raises VaultError while anything is sealed with it."""
    text = _read(key_file)
    fewer = without(text, name)
    store = Store(url, Vault.parse(text))
    try:
        await _unused(store, name)
        private_file(key_file, fewer, as_before=True)
        try:
            await _unused(store, name)
        except VaultError:
            # Written while we counted.
            private_file(key_file, text, as_before=True)
            raise
    finally:
        await store.close()


async def _unused(store: Store, name: str) -> None:
    count = (await sealed_by(store, store.vault))[name]
    if count:
        raise VaultError(f"{count} values are still sealed with {name}; run yinuo keys rotate --again first")
