"""The column kinds every table shares."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Integer, cast, func
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

BIG = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in a column called INTEGER."""


class Instant(TypeDecorator[datetime]):
    """An instant in UTC. SQLite gives naive datetimes back; here they become aware again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs its timezone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Read by the million: asyncpg gives aware UTC by itself; of SQLite's texts each different one is read once."""
        if dialect.name == "postgresql" and dialect.driver == "asyncpg":
            return None
        return _read_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


@lru_cache(maxsize=65_536)
def _read_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def key() -> Any:
    """A row's number."""
    return Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))


def ref(target: str, *, null: bool = False, index: bool = True, unique: bool = False) -> Any:
    """A reference to another row; ``target`` is ``table.id``."""
    column: Column[Any] = Column(BIG, ForeignKey(target), nullable=null, index=index, unique=unique)
    return Field(default=None, sa_column=column) if null else Field(sa_column=column)


def instant(*, null: bool = False, index: bool = False) -> Any:
    """An instant in UTC."""
    column: Column[Any] = Column(Instant(), nullable=null, index=index)
    return Field(default=None, sa_column=column) if null else Field(sa_column=column)


def fen(*, default: int | None = None) -> Any:
    """An amount in integer fen; sixty-four bits hold every estate's sum."""
    column: Column[Any] = Column(BIG, nullable=False)
    return Field(sa_column=column) if default is None else Field(default=default, sa_column=column)


def sum_fen(column: Any) -> Any:
    """The sum of a column of fen, as a whole number: PostgreSQL's own sum of bigints is a decimal number."""
    return cast(func.sum(column), BigInteger)
