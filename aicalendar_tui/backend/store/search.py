"""The full-text index: the words of what is shown, and the search in them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
from peewee import SqliteDatabase

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.search import Document, Query
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.backend.store.calendars import CalendarTable
from aicalendar_tui.backend.store.statements import chunks

MOST_HITS = 5_000
"""Documents that are looked at: what `a` finds in a large calendar is nothing that anybody reads to its end."""

_entries = msgspec.json.Decoder(Entry)


class SearchTable(CalendarTable):
    """`document` and, in SQLite, the full-text table `search` beside it."""

    _full_text: bool | None = None

    def replace_documents(
        self,
        user_id: str,
        calendar_id: str,
        documents: Mapping[str, Sequence[Document]],
        *,
        generation: int | None = None,
    ) -> None:
        """All families in two statements; what says the same as before is left alone."""
        if generation is None:
            generation = self._generation(user_id, calendar_id)
        wanted = {
            (family_id, document.original_start): (document.words, document.sender)
            for family_id, family in documents.items()
            for document in family
        }
        stale: list[str] = []
        for chunk in chunks(documents.keys()):
            marks = ",".join("?" * len(chunk))
            known = self._sql(
                "SELECT id, family_id, original_start, words, sender FROM document"
                f" WHERE generation = ? AND family_id IN ({marks})",
                (generation, *chunk),
            )
            for row_id, family_id, original_start, words, sender in known:
                if wanted.get((family_id, original_start)) == (words, sender):
                    del wanted[family_id, original_start]
                else:
                    stale.append(row_id)
        for start in range(0, len(stale), 400):
            ids = stale[start : start + 400]
            self._sql_write(f"DELETE FROM document WHERE id IN ({','.join('?' * len(ids))})", ids)
        self._many(
            "INSERT INTO document (generation, family_id, original_start, words, sender) VALUES (?, ?, ?, ?, ?)",
            [(generation, *place, *said) for place, said in wanted.items()],
        )

    def search(
        self, user_id: str, query: Query, calendar_ids: Collection[str], *, zone: str, now: int, limit: int
    ) -> list[Entry]:
        """A hit of a series stands for all its instances but those that have words of their own."""
        generations = [
            generation
            for calendar_id, generation in self._sql(
                "SELECT calendar_id, generation FROM calendar WHERE user_id = ?", (user_id,)
            )
            if calendar_id in calendar_ids
        ]
        if not generations:
            return []
        marks = ",".join("?" * len(generations))
        hits, hit_values = self._hits(query, generations)
        ranges, range_values = _ranges(query, zone)
        # SQLite would look through all instances for each hit otherwise: seconds instead of milliseconds.
        is_sqlite = isinstance(self._db, SqliteDatabase)
        index = " INDEXED BY instancerow_generation_family_id" if is_sqlite else ""
        source = (
            f"hit h CROSS JOIN instance i{index} WHERE i.generation = h.generation AND i.family_id = h.family_id"
            " AND (h.original_start = i.original_start OR (h.original_start = '' AND NOT EXISTS ("
            "SELECT 1 FROM document d WHERE d.generation = i.generation AND d.family_id = i.family_id"
            " AND d.original_start = i.original_start)))"
        )
        if not (query.words or query.senders):
            hits, hit_values = "SELECT 1", []
            source = f"instance i WHERE i.generation IN ({marks})"
            range_values = [*generations, *range_values]
        sql = (
            f"WITH hit AS ({hits}), candidate AS ("
            ' SELECT i.entry AS entry, i.start AS start, i."end" AS until, i.family_id AS family_id,'
            " ROW_NUMBER() OVER (PARTITION BY i.generation, i.family_id"
            ' ORDER BY CASE WHEN i."end" > ? THEN 0 ELSE 1 END, ABS(i.start - ?)) AS place'
            f" FROM {source}{ranges})"
            " SELECT entry FROM candidate WHERE place = 1"
            " ORDER BY CASE WHEN until > ? THEN 0 ELSE 1 END,"
            " CASE WHEN until > ? THEN start ELSE -start END, family_id LIMIT ?"
        )
        values = (*hit_values, now, now, *range_values, now, now, limit)
        return [_entries.decode(row[0]) for row in self._sql(sql, values)]

    def _hits(self, query: Query, generations: Sequence[int]) -> tuple[str, list[Any]]:
        """SQL for the documents that match, and its values."""
        marks = ",".join("?" * len(generations))
        where, values = [f"d.generation IN ({marks})"], list[Any](generations)
        table = "document d"
        phrases = [words.split() for words in query.words]
        if phrases and not isinstance(self._db, SqliteDatabase):
            where.append("to_tsvector('simple', d.words) @@ to_tsquery('simple', ?)")
            values.append(" & ".join(f"({' <-> '.join(words)}:*)" for words in phrases))
        elif phrases and self._has_full_text():
            table = "search s JOIN document d ON d.id = s.rowid"
            where.append("s.words MATCH ?")
            values.append(" ".join(f'"{" ".join(words)}" *' for words in phrases))
        else:
            where += ["d.words LIKE ?"] * len(phrases)
            values += [f"% {' '.join(words)}%" for words in phrases]
        where += ["d.sender LIKE ?"] * len(query.senders)
        values += [f"%{sender}%" for sender in query.senders]
        sql = f"SELECT d.generation, d.family_id, d.original_start FROM {table} WHERE {' AND '.join(where)}"
        return (f"{sql} ORDER BY d.id DESC LIMIT {MOST_HITS}" if phrases else sql), values

    def _has_full_text(self) -> bool:
        if self._full_text is None:
            self._full_text = bool(self._sql("SELECT 1 FROM sqlite_master WHERE name = 'search'"))
        return self._full_text


def _ranges(query: Query, zone: str) -> tuple[str, Iterable[int]]:
    """All-day entries count from UTC midnights of their dates, the others from midnights in `zone`."""
    sql, values = "", list[int]()
    for sign, day in ((">=", query.after), ("<", query.before)):
        if day is not None:
            dates, instants = _midnight(day, zone)
            sql += f" AND i.start {sign} CASE WHEN i.all_day THEN ? ELSE ? END"
            values += [dates, instants]
    return sql, values


def _midnight(day: date, zone: str) -> tuple[int, int]:
    days = Days(day, day + timedelta(days=1), zone)
    return days.dates.start, days.instants.start
