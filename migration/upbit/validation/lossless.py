"""The lossless proof: every new row is turned back into the legacy row that it came from.

Once in SQL, column by column with the storage class, and once by a digest computed outside
SQLite.  Both know nothing of how the rows were converted, only where their values lie.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import apsw
from pydantic import JsonValue

from core.base.operation import Context
from core.base.sqlite import quote
from core.base.text import Text, translate
from migration.models import ValidatorResult
from migration.sql import Row, Source, number, rows
from migration.upbit.sources.detect import Kind, Shape
from migration.upbit.transforms.convert import natives
from migration.upbit.transforms.homes import column_of, condition_id, home_of
from migration.upbit.transforms.strategies import NAMES
from migration.validation.expected import Digest, as_bytes, digest_rows
from migration.validation.validate import PROBLEMS


class Rebuilt(NamedTuple):
    """A way from new rows back to legacy ones: FROM term, row number and columns in SQL."""

    place: str
    row: str
    columns: tuple[str, ...]
    order: str


class Proof(NamedTuple):
    """What the proof found for one legacy table."""

    source: Source
    legacy: int
    converted: int
    review: int
    equal: int
    different: tuple[str, ...]
    """Columns in which rows differ; never what stands in them."""
    before: Digest
    after: Digest

    @property
    def ok(self) -> bool:
        """Whether every legacy row came back whole, once, and nothing else."""
        return (
            self.equal == self.legacy == self.converted + self.review
            and self.before == self.after
            and not self.different
        )


def rebuilt(source: Source) -> tuple[Rebuilt, Rebuilt]:
    """Return the ways back from converted rows and from those that need review."""
    everything = range(len(source.columns))
    review = Rebuilt(
        place=f"(SELECT * FROM migration_review WHERE source = {source.id} AND part = '') AS v",
        row="v.source_row",
        columns=tuple(column_of(position, "v") for position in everything),
        order="v.source_row",
    )
    return _converted(source), review


def _converted(source: Source) -> Rebuilt:
    everything = range(len(source.columns))
    if source.kind is Kind.STRATEGIES:
        names = NAMES.get(Shape(source.shape), ("name",))
        native = {
            position: "s.name" if source.columns[position].lower() in names else "s.description"
            for position in natives(source)
        }
        return Rebuilt(
            place="domain_id_map AS m JOIN domain_strategies AS s ON s.id = m.domain_id "
            "JOIN domain_strategy_configurations AS f ON f.strategy_id = m.domain_id "
            f"AND f.source = m.source AND f.source_row = m.source_row AND m.source = {source.id}",
            row="m.source_row",
            columns=tuple(_strategy_column(source, at, native.get(at)) for at in everything),
            order="m.source_row",
        )
    if source.kind is Kind.CONDITIONS:
        home = home_of(source)
        targets = {legacy: target for target, legacy in home.native.items()}
        return Rebuilt(
            place=f"(SELECT * FROM domain_conditions WHERE source = {source.id}) AS c",
            row="c.source_row",
            columns=tuple(
                f"c.{targets[column]}"
                if column in targets
                else column_of(home.carried.index(column), "c")
                for column in source.columns
            ),
            order="c.id" if source.rowid else "c.source_row",
        )
    table = (
        "domain_trigger_conditions" if source.kind is Kind.LINKS else "domain_strategy_components"
    )
    return Rebuilt(
        place=f"(SELECT * FROM {table} WHERE source = {source.id}) AS l",
        row="l.source_row",
        columns=tuple(column_of(position, "l") for position in everything),
        # The ids of links are numbered by the rows; in their order nothing is to be sorted.
        order="l.trigger_id" if source.kind is Kind.LINKS and source.rowid else "l.source_row",
    )


def _strategy_column(source: Source, position: int, native: str | None) -> str:
    # The legacy id stands in the map as it was; what is carried must say the same.
    value = column_of(position, "f", native)
    if source.columns[position].lower() == source.key:
        return (
            f"iif(m.legacy_id IS {value} AND typeof(m.legacy_id) = typeof({value}), {value}, x'')"
        )
    return value


def prove(connection: apsw.Connection, source: Source) -> Proof:
    """Return the proof for one legacy table, open under ``source.schema`` as it was."""
    ways = rebuilt(source)
    counts = [number(connection, f"SELECT count(*) FROM {way.place}") for way in ways]
    legacy = number(connection, f"SELECT count(*) FROM {source.rows_sql}")
    equal = 0
    different: dict[str, None] = {}
    for way, count in zip(ways, counts, strict=True):
        if count:
            matches = _matches(connection, source, way)
            equal += matches
            if matches != count:
                different.update(dict.fromkeys(_differing(connection, source, way)))
    return Proof(
        source=source, legacy=legacy, converted=counts[0], review=counts[1], equal=equal,
        different=tuple(different), before=_legacy_digest(connection, source),
        after=_rebuilt_digest(connection, source, ways, counts),
    )  # fmt: skip


def rows_come_back(connection: apsw.Connection, source: Source, chosen: str) -> bool:
    """Whether the conditions of *source* whose numbers are in ``chosen.row`` can be turned back.

    Like `prove`, in SQL and by a digest computed outside it, but only for these rows.
    """
    ways = rebuilt(source)
    everything = range(len(source.columns))
    same = [" AND ".join(_same(source, at, way) for at in everything) for way in ways]
    joined = (
        f"{chosen} AS k CROSS JOIN {source.rows_sql} AS o ON o.source_row = k.row "
        f"LEFT JOIN domain_conditions AS c ON c.id = {condition_id(source.id, 'o.source_row')} "
        f"LEFT JOIN migration_review AS v ON v.source = {source.id} AND v.part = '' "
        "AND v.source_row = o.source_row"
    )
    back = [
        f"iif(c.id IS NOT NULL, {ways[0].columns[at]}, {ways[1].columns[at]})" for at in everything
    ]
    legacy = [f"o.{quote(column)}" for column in source.columns]
    right = number(
        connection,
        f"SELECT count(*) FROM {joined} WHERE iif(c.id IS NULL, v.id IS NOT NULL AND {same[1]}, "
        f"v.id IS NULL AND {same[0]})",
    )
    digests = {
        digest_rows(
            connection.execute(
                f"SELECT {', '.join(as_bytes(one) for one in columns)} FROM {joined} ORDER BY k.row"
            )
        )
        for columns in (legacy, back)
    }
    return right == number(connection, f"SELECT count(*) FROM {chosen}") and len(digests) == 1


def validate_lossless(
    context: Context, connection: apsw.Connection, sources: Sequence[Source]
) -> ValidatorResult:
    """Prove every legacy table; what it finds belongs to the validation of the integrity."""
    problems: list[Text] = []
    proofs: list[JsonValue] = []
    for source in sources:
        context.check()
        try:
            proof = prove(connection, source)
        except apsw.Error as error:
            problems.append(_not_lossless(source, str(error)))
            continue
        proofs.append(_proof_evidence(proof))
        if not proof.ok:
            problems.append(_not_lossless(source, _lost(proof)))
    return ValidatorResult(
        name="integrity", ok=not problems, evidence={"lossless_proof": proofs},
        problems=tuple(problems[:PROBLEMS]),
    )  # fmt: skip


def _proof_evidence(proof: Proof) -> JsonValue:
    return {
        "database": proof.source.database,
        "table": proof.source.table,
        "shape": proof.source.shape.value,
        "rows": proof.legacy,
        "converted": proof.converted,
        "needing_review": proof.review,
        "equal_in_sql": proof.equal,
        "digest_before": proof.before.value,
        "digest_turned_back": proof.after.value,
    }


def _lost(proof: Proof) -> Text:
    if proof.different:
        return translate("migration", "columns {names}", names=", ".join(proof.different))
    return translate(
        "migration", "of {rows} rows {equal} came back", rows=proof.legacy, equal=proof.equal
    )


def _not_lossless(source: Source, reason: Text | str) -> Text:
    return translate(
        "migration",
        "Not every row of {database}.{table} can be turned back: {why}.",
        database=source.database,
        table=source.table,
        why=reason,
    )


def _same(source: Source, position: int, way: Rebuilt) -> str:
    legacy, now = f"o.{quote(source.columns[position])}", way.columns[position]
    # IS compares by the column's own collation and lets '1' be 1: neither is wanted here.
    return f"({legacy} COLLATE BINARY IS {now} AND typeof({legacy}) = typeof({now}))"


def _matches(connection: apsw.Connection, source: Source, way: Rebuilt) -> int:
    same = " AND ".join(_same(source, position, way) for position in range(len(source.columns)))
    return number(
        connection,
        f"SELECT count(*) FROM {way.place} CROSS JOIN {source.rows_sql} AS o "
        f"ON o.source_row = {way.row} WHERE {same}",
    )


def _differing(connection: apsw.Connection, source: Source, way: Rebuilt) -> list[str]:
    sums = ", ".join(
        f"count(*) - count(CASE WHEN {_same(source, position, way)} THEN 1 END)"
        for position in range(len(source.columns))
    )
    found = rows(
        connection,
        f"SELECT {sums} FROM {way.place} CROSS JOIN {source.rows_sql} AS o "
        f"ON o.source_row = {way.row}",
    )[0]
    return [column for column, wrong in zip(source.columns, found, strict=True) if wrong]


def _legacy_digest(connection: apsw.Connection, source: Source) -> Digest:
    columns = [quote(column) for column in source.columns]
    try:
        return digest_rows(_in_order(connection, source, columns))
    except UnicodeDecodeError:
        plain = [as_bytes(column) for column in columns]
        return digest_rows(_in_order(connection, source, plain), "b")


def _in_order(connection: apsw.Connection, source: Source, columns: list[str]) -> Iterator[Row]:
    listed = ", ".join(columns)
    return iter(
        connection.execute(
            f"SELECT source_row, {listed} FROM {source.rows_sql} ORDER BY source_row"
        )
    )


def _rebuilt_digest(
    connection: apsw.Connection, source: Source, ways: tuple[Rebuilt, Rebuilt], counts: list[int]
) -> Digest:
    used = [way for way, count in zip(ways, counts, strict=True) if count]
    try:
        return digest_rows(_merged(connection, used, plain=False))
    except UnicodeDecodeError:
        return digest_rows(_merged(connection, used, plain=True), "b")


def _merged(connection: apsw.Connection, ways: list[Rebuilt], *, plain: bool) -> Iterator[Row]:
    cursors: list[Iterator[Row]] = []
    for way in ways:
        columns = [as_bytes(column) for column in way.columns] if plain else list(way.columns)
        order = way.order
        if order != way.row and number(
            connection,
            f"SELECT min({way.row}) < 0 OR max({way.row}) >= 1000000000000 FROM {way.place}",
        ):
            order = way.row  # beyond twelve digits the ids are not in order of the numbers
        cursors.append(
            iter(
                connection.execute(
                    f"SELECT {way.row}, {', '.join(columns)} FROM {way.place} ORDER BY {order}"
                )
            )
        )
    if len(cursors) == 1:
        return cursors[0]
    return heapq.merge(*cursors, key=lambda row: int(str(row[0])))
