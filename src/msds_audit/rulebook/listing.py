"""Lists of rules, measures and indicators, a line each, perhaps only of those that are wanted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from msds_audit.rule import Declared, Family, Indicator, Measure, Rule, Rules, Scheme, is_written


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rules, measures and indicators to list; without a word those that somebody wrote.

    `subjects` are ids, `prefixes` what ids begin with. Whoever says anything means the rules that
    follow from the specification too.
    """

    table: str = ""
    effect: str = ""
    basis: str = ""
    subjects: Collection[str] | None = None
    prefixes: tuple[str, ...] = ()
    every: bool = False

    @property
    def says_something(self) -> bool:
        """Whether anything narrows the list down."""
        narrowing = self.table, self.effect, self.basis, self.prefixes
        return any(narrowing) or self.subjects is not None

    def takes(self, declared: Declared) -> bool:
        """Whether a rule, measure or indicator is wanted."""
        if not (self.every or self.says_something or is_written(declared)):
            return False
        effect = str(declared.effect) if isinstance(declared, Rule) else ""
        prefixes = tuple(prefix.casefold() for prefix in self.prefixes)
        return (
            self.table in ("", declared.table)
            and self.effect in ("", effect)
            and self.basis in ("", str(declared.basis))
            and (self.subjects is None or declared.id in self.subjects)
            and (not prefixes or declared.id.casefold().startswith(prefixes))
        )


def listing(rules: Rules, wanted: Wanted) -> str:
    """A line for each that is wanted: written rules, measures, indicators, then generated rules."""
    shown = sorted(filter(wanted.takes, rules.declared), key=_sort)
    widest = max((len(one.id) for one in shown), default=0)
    lines = [f"{one.id:<{widest}}  {_titled(one)}" for one in shown]
    sorts = [_sort(one) for one in rules.declared]
    lines += [""] if lines else []
    lines.append(
        f"{len(shown):,} shown of {len(sorts):,}: {sorts.count(0):,} written, "
        f"{sorts.count(3):,} generated, {sorts.count(1):,} measures, "
        f"{sorts.count(2):,} indicators."
    )
    if not (wanted.every or wanted.says_something):
        lines.append("The generated ones follow from the specification: add --all, or --table.")
        lines.append(f"Schemes: {', '.join(rules.schemes)}.")
    if not shown:
        lines.append("Nothing is so. See: msds-audit rules list --help")
    else:
        lines.append("* not verified. Next: msds-audit rules show ID")
    return "\n".join(lines) + "\n"


def rested_on(schemes: Iterable[Scheme], rules: Rules) -> set[str]:
    """The ids that lines of some schemes rest on; where a line counts the CQIMs, all of these."""
    asking = [criterion for scheme in schemes for criterion in scheme.criteria]
    found = {criterion.subject for criterion in asking} - {""}
    if any(criterion.cqims for criterion in asking):
        found |= {one.id for one in rules.indicators.values() if one.family is Family.CQIM}
    return found


def _titled(declared: Declared) -> str:
    undefined = isinstance(declared, Indicator) and declared.undefined
    return (
        f"{declared.title}{'' if declared.verified else '*'}{' (undefined)' if undefined else ''}"
    )


def _sort(declared: Declared) -> int:
    if isinstance(declared, Measure):
        return 1
    if isinstance(declared, Indicator):
        return 2
    return 0 if is_written(declared) else 3
