"""The language of predicates: read once, then evaluated row by row.

A predicate is compiled to functions of a row, which is anything that has a value for a name:
`Postcode`, `mother` or `mother.Postcode`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from operator import itemgetter
from typing import TypeAlias

from plain import functions, logic
from plain.logic import Interval, SqlError

Row: TypeAlias = Mapping[str, object]
Expression: TypeAlias = Callable[[Row], object]


class Predicate:
    """A predicate that was read, and every name in it; `name.Item` is one name."""

    def __init__(self, names: Iterable[str], evaluate: Expression) -> None:
        self.names = tuple(sorted(names))
        self._evaluate = evaluate
        self._values = itemgetter(*self.names) if self.names else lambda row: None
        self._known: dict[object, bool | None] = {}

    def __call__(self, row: Row) -> bool | None:
        """Whether it is true, false or null for a row; found out once for the same values."""
        values = self._values(row)
        if values not in self._known:
            self._known[values] = logic.truth(self._evaluate(row))
        return self._known[values]


@cache
def predicate(sql: str) -> Predicate:
    """Read a predicate; an empty one is true of every row."""
    if not sql.strip():
        return Predicate((), lambda row: True)
    reading = _Reading(sql)
    found = reading.whole()
    return Predicate(reading.names, found)


# --- words --------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number> [0-9]+(?:\.[0-9]+)?)
    | (?P<text>   '(?:[^']|'')*')
    | (?P<name>   [A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)
    | (?P<symbol> <=|>=|<>|!=|\|\||[-+*/%(),<>=])
    )""",
    re.VERBOSE,
)
_KEYWORDS = frozenset(
    (
        *("AND", "AS", "BETWEEN", "CASE", "ELSE", "END", "FALSE", "FROM", "IN", "IS"),
        *("LIKE", "NOT", "NULL", "OR", "THEN", "TRUE", "WHEN"),
    )
)
_END = ("end", "")


def _tokens(sql: str) -> list[tuple[str, str]]:
    """The words of a predicate, each with its kind; keywords in capitals."""
    found, place, sql = [], 0, sql.rstrip()
    while place < len(sql):
        match = _TOKEN.match(sql, place)
        if match is None or match.lastgroup is None:
            raise SqlError(f"{sql[place : place + 20]!r} is not understood")
        kind, word, place = match.lastgroup, match[match.lastgroup], match.end()
        if kind == "name" and word.upper() in _KEYWORDS:
            kind, word = "keyword", word.upper()
        found.append((kind, word))
    return [*found, _END, _END]


def _unquoted(word: str) -> str:
    return word[1:-1].replace("''", "'")


# --- sentences ----------------------------------------------------------------------------


class _Reading:
    """Reads a predicate from left to right, each method one level of precedence."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.names: set[str] = set()
        self._tokens = _tokens(sql)
        self._place = 0

    def whole(self) -> Expression:
        """The predicate, to its end."""
        found = self._or()
        if self._next != _END:
            raise SqlError(f"{self._next[1]!r} is out of place in {self.sql!r}")
        return found

    # what comes next

    @property
    def _next(self) -> tuple[str, str]:
        return self._tokens[self._place]

    def _take(self, kind: str) -> str:
        found, word = self._next
        if found != kind:
            raise SqlError(f"{word!r} stands where a {kind} should in {self.sql!r}")
        self._place += 1
        return word

    def _accept(self, *words: str) -> str:
        """The next word where it is one of these keywords or symbols; otherwise nothing."""
        kind, word = self._next
        if kind not in ("keyword", "symbol") or word not in words:
            return ""
        self._place += 1
        return word

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise SqlError(f"{word} is missing before {self._next[1]!r} in {self.sql!r}")

    # true or false

    def _or(self) -> Expression:
        found = self._and()
        while self._accept("OR"):
            found = _joined(logic.either, found, self._and())
        return found

    def _and(self) -> Expression:
        found = self._not()
        while self._accept("AND"):
            found = _joined(logic.both, found, self._not())
        return found

    def _not(self) -> Expression:
        if self._accept("NOT"):
            return _negated(self._not())
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._sum()
        if self._accept("IS"):
            return self._is(left)
        symbol = self._accept(*logic.ORDER)
        if symbol:
            return _joined(_comparing(symbol), left, self._sum())
        negated = self._accept("NOT")
        found = self._membership(left)
        if found is None:
            if negated:
                raise SqlError(f"NOT is out of place in {self.sql!r}")
            return left
        return _negated(found) if negated else found

    def _membership(self, left: Expression) -> Expression | None:
        """IN, BETWEEN or LIKE; none of them where something else comes next."""
        match self._accept("IN", "BETWEEN", "LIKE"):
            case "IN":
                self._expect("(")
                listed = self._arguments()
                return lambda row: logic.is_one_of(left(row), [one(row) for one in listed])
            case "BETWEEN":
                low = self._sum()
                self._expect("AND")
                high = self._sum()
                return lambda row: logic.is_between(left(row), low(row), high(row))
            case "LIKE":
                return _joined(logic.is_like, left, self._sum())
        return None

    def _is(self, left: Expression) -> Expression:
        negated = self._accept("NOT")
        wanted = {"NULL": None, "TRUE": True, "FALSE": False}
        word = self._accept(*wanted)
        if not word:
            raise SqlError(f"IS has nothing after it in {self.sql!r}")
        value = wanted[word]
        return lambda row: (left(row) is value) != bool(negated)

    # values

    def _sum(self) -> Expression:
        found = self._product()
        while symbol := self._accept("+", "-", "||"):
            join = _joining_text if symbol == "||" else _calculating(symbol)
            found = _joined(join, found, self._product())
        return found

    def _product(self) -> Expression:
        found = self._signed()
        while symbol := self._accept("*", "/", "%"):
            found = _joined(_calculating(symbol), found, self._signed())
        return found

    def _signed(self) -> Expression:
        if self._accept("-"):
            return _joined(_calculating("-"), _constant(0), self._signed())
        return self._value()

    def _value(self) -> Expression:
        kind, word = self._next
        self._place += 1
        match kind, word:
            case "number", _:
                return _constant(float(word) if "." in word else int(word))
            case "text", _:
                return _constant(_unquoted(word))
            case "keyword", "TRUE" | "FALSE" | "NULL":
                return _constant({"TRUE": True, "FALSE": False, "NULL": None}[word])
            case "keyword", "CASE":
                return self._case()
            case "symbol", "(":
                found = self._or()
                self._expect(")")
                return found
            case "name", _:
                return self._named(word)
        raise SqlError(f"{word!r} is out of place in {self.sql!r}")

    def _named(self, word: str) -> Expression:
        """An item, a related row, the call of a function, a date or an interval."""
        upper = word.upper()
        if self._accept("("):
            return self._call(upper)
        if self._next[0] == "text" and upper == "INTERVAL":
            return _constant(Interval.parse(_unquoted(self._take("text"))))
        if self._next[0] == "text" and upper == "DATE":
            return _constant(date.fromisoformat(_unquoted(self._take("text"))))
        self.names.add(word)
        return lambda row: row[word]

    def _call(self, name: str) -> Expression:
        if name == "EXTRACT":
            part = self._take("name").upper()
            self._expect("FROM")
            value = self._or()
            self._expect(")")
            return lambda row: functions.part_of(part, value(row))
        if name == "TRY_CAST":
            value = self._or()
            self._expect("AS")
            type_name = self._take("name").upper()
            self._expect(")")
            return lambda row: functions.cast(value(row), type_name)
        if not functions.is_known(name):
            raise SqlError(f"there is no function {name}")
        values = self._arguments()
        return lambda row: functions.call(name, [one(row) for one in values])

    def _arguments(self) -> list[Expression]:
        """What stands between brackets, the first of which was taken."""
        found = [self._or()]
        while self._accept(","):
            found.append(self._or())
        self._expect(")")
        return found

    def _case(self) -> Expression:
        compared = None if self._next == ("keyword", "WHEN") else self._or()
        branches = []
        while self._accept("WHEN"):
            test = self._or()
            if compared is not None:
                test = _joined(_comparing("="), compared, test)
            self._expect("THEN")
            branches.append((test, self._or()))
        otherwise = self._or() if self._accept("ELSE") else _constant(None)
        self._expect("END")

        def chosen(row: Row) -> object:
            for test, result in branches:
                if logic.truth(test(row)):
                    return result(row)
            return otherwise(row)

        return chosen


# --- parts of expressions -----------------------------------------------------------------


def _constant(value: object) -> Expression:
    return lambda row: value


def _joined(
    join: Callable[[object, object], object], one: Expression, other: Expression
) -> Expression:
    return lambda row: join(one(row), other(row))


def _negated(value: Expression) -> Expression:
    return lambda row: logic.opposite(value(row))


def _comparing(symbol: str) -> Callable[[object, object], object]:
    return lambda one, other: logic.compare(symbol, one, other)


def _calculating(symbol: str) -> Callable[[object, object], object]:
    return lambda one, other: logic.calculate(symbol, one, other)


def _joining_text(one: object, other: object) -> str | None:
    return None if one is None or other is None else f"{one}{other}"
