"""Writes a plan as one query: a CTE for each frame, each article and each step, with only what the outputs need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.plan import KEY, SUBJECTS, Count, Definition, Frame, Join, Plan
from eendracht.kernel.rules.columns.population import Table
from eendracht.kernel.rules.columns.sql import Sql

Wanted = dict[str, set[str]]
"""For each frame by its name the columns that the outputs need."""
Step = Join | Count | list[Definition]
"""What becomes one CTE: another frame beside this one, rows counted, or columns of one article."""


def emit(plan: Plan, outputs: Mapping[str, Sql], title: str) -> exp.Select:
    """Give the query: one row for each subject with the key and the outputs."""
    writer = _Writer(plan, find_wanted(plan, outputs.values()))
    last = writer.frame(plan.frame(SUBJECTS))
    query = exp.select(
        exp.alias_(sql.column(KEY), plan.population.key, quoted=True),
        *(exp.alias_(expression, name, quoted=True) for name, expression in outputs.items()),
    ).from_(exp.to_identifier(last, quoted=True))
    for name, select in writer.written:
        query = query.with_(exp.to_identifier(name, quoted=True), as_=select, copy=False)
    if title:
        query.add_comments([title])
    return query


def find_wanted(plan: Plan, outputs: Iterable[Sql]) -> Wanted:
    """Give the columns of each frame that the outputs need, near and far."""
    wanted: Wanted = {SUBJECTS: set()}
    waiting = [(plan.frame(SUBJECTS), name) for expression in outputs for name in names_in(expression)]
    while waiting:
        frame, name = waiting.pop()
        known = wanted.setdefault(frame.name, set())
        if name in known:
            continue
        known.add(name)
        if name in frame.definitions:
            waiting += [(frame, item) for item in names_in(frame.definitions[name].expression)]
            continue
        step = frame.step_of(name)
        if isinstance(step, Join):
            waiting += [(frame, step.by), (step.frame, step.columns[name])]
        elif isinstance(step, Count):
            waiting += [(step.frame, item) for item in names_in(step.columns[name])]
            wanted.setdefault(step.frame.name, set())
    return wanted


def columns_read(plan: Plan, outputs: Iterable[Sql]) -> dict[str, set[str]]:
    """Give for each table the columns that the query reads: facts, their statuses, and the keys of tables it joins."""
    wanted = find_wanted(plan, outputs)
    found: dict[str, set[str]] = {plan.population.subjects: {plan.population.key}}
    for name, names in wanted.items():
        frame = plan.frames[name]
        for table in _tables_of(frame, names):
            found.setdefault(table, set()).add(plan.population.tables[table].key)
        for column in names & set(frame.base):
            table, cell = frame.base[column]
            found[table] |= {item.name for item in cell.find_all(exp.Column)}
        for count in _counts_of(frame, names):
            table = count.frame.tables[0]
            found.setdefault(table, set()).add(plan.population.tables[table].key)
    return found


def names_in(expression: Sql) -> set[str]:
    """Give the columns of the frame itself that an expression uses."""
    return {str(item.name) for item in expression.find_all(exp.Column) if not item.table}


def _tables_of(frame: Frame, wanted: set[str]) -> list[str]:
    """Give the tables that a frame reads; the one that says who is in it comes first."""
    used = {frame.base[name][0] for name in wanted & set(frame.base)}
    subjects = frame.plan.population.subjects
    if frame.is_child:
        used.add(frame.tables[0])
    found = [name for name in frame.tables if name in used]
    if frame.name == SUBJECTS:
        return [subjects, *(name for name in found if name != subjects)]
    return found or ([] if _counts_of(frame, wanted) else [subjects])


def _counts_of(frame: Frame, wanted: set[str]) -> list[Count]:
    return [count for count in frame.counts.values() if wanted & set(count.columns)]


class _Writer:
    def __init__(self, plan: Plan, wanted: Wanted) -> None:
        self._plan = plan
        self._wanted = wanted
        self.written: list[tuple[str, exp.Select]] = []
        self._taken: set[str] = {name.casefold() for name in plan.population.tables}
        self._done: dict[str, str] = {}

    def _write(self, name: str, select: exp.Select, title: str = "") -> str:
        at, unique = 2, name
        while unique.casefold() in self._taken:
            unique, at = f"{name}_{at}", at + 1
        self._taken.add(unique.casefold())
        if title:
            select.add_comments([title], prepend=True)
        self.written.append((unique, select))
        return unique

    def frame(self, frame: Frame) -> str:
        """Write a frame with all it needs; gives the name of its last CTE."""
        if frame.name not in self._done:
            wanted = self._wanted.get(frame.name, set())
            last = self._write("everyone" if frame.name == SUBJECTS else frame.name, self._base(frame, wanted))
            for step in in_order(frame, wanted):
                last = self._step(step, last, wanted)
            self._done[frame.name] = last
        return self._done[frame.name]

    def _base(self, frame: Frame, wanted: set[str]) -> exp.Select:
        tables = self._plan.population.tables
        names = _tables_of(frame, wanted)
        sources = [_aliased(tables[name]) for name in names]
        keys: list[Sql] = [exp.column(tables[name].key, table=name, quoted=True) for name in names]
        is_closed = frame.name == SUBJECTS or frame.is_child
        if not is_closed:
            # Whoever a key points to need not be asked about: every table that is read may know of them.
            for at, count in enumerate(_counts_of(frame, wanted)):
                rows = tables[count.frame.tables[0]]
                key = exp.alias_(exp.column(rows.key, quoted=True), KEY, quoted=True)
                alias = f"with_rows_{at + 1}"
                sources.append(exp.select(key).distinct().from_(rows.source.copy()).subquery(alias))
                keys.append(exp.column(KEY, table=alias, quoted=True))
        query = exp.select().from_(sources[0])
        known = keys[:1]
        for source, key in zip(sources[1:], keys[1:], strict=True):
            on = sql.equals(known[0] if len(known) == 1 else sql.call("COALESCE", *known), key)
            query = query.join(source, on=on, join_type="left" if is_closed else "full")
            if not is_closed:
                known = [*known, key]
        if frame.name == SUBJECTS and self._plan.only is not None:
            query = query.where(self._plan.only)
        whole = known[0] if len(known) == 1 else sql.call("COALESCE", *known)
        columns = [exp.alias_(whole, KEY, quoted=True)]
        columns += [exp.alias_(cell, name, quoted=True) for name, (_, cell) in frame.base.items() if name in wanted]
        return query.select(*columns)

    def _step(self, step: Step, last: str, wanted: set[str]) -> str:
        if isinstance(step, Join):
            return self._join(step, last, wanted)
        if isinstance(step, Count):
            return self._count(step, last, wanted)
        group = step[0].group
        source: exp.Expr = exp.to_identifier(last, quoted=True)
        layers = _layers(step)
        query = exp.select(exp.Star(), *_aliases(layers[0])).from_(source)
        for layer in layers[1:]:
            query = exp.select(exp.Star(), *_aliases(layer)).from_(query.subquery("before"))
        return self._write(group, query, self._plan.titles.get(group, ""))

    def _join(self, join: Join, last: str, wanted: set[str]) -> str:
        there = self.frame(join.frame)
        columns = {mine: name for mine, name in join.columns.items() if mine in wanted}
        return self._beside(join.name, last, there, join.by, columns)

    def _count(self, count: Count, last: str, wanted: set[str]) -> str:
        children = self.frame(count.frame)
        columns = {name: expression for name, expression in count.columns.items() if name in wanted}
        grouped = exp.select(sql.column(KEY), *(exp.alias_(item, name, quoted=True) for name, item in columns.items()))
        grouped = grouped.from_(exp.to_identifier(children, quoted=True)).group_by(sql.column(KEY))
        counted = self._write(f"{count.name}_counted", grouped)
        return self._beside(count.name, last, counted, KEY, {name: name for name in columns})

    def _beside(self, name: str, last: str, there: str, by: str, columns: Mapping[str, str]) -> str:
        brought = [
            exp.alias_(exp.column(other, table="there", quoted=True), mine, quoted=True)
            for mine, other in columns.items()
        ]
        query = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier("here")), *brought).from_(
            exp.alias_(exp.Table(this=exp.to_identifier(last, quoted=True)), "here", table=True)
        )
        found = exp.alias_(exp.Table(this=exp.to_identifier(there, quoted=True)), "there", table=True)
        on = sql.equals(exp.column(by, table="here", quoted=True), exp.column(KEY, table="there", quoted=True))
        return self._write(name, query.join(found, on=on, join_type="left"))


def _aliased(table: Table) -> exp.Expr:
    alias = exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
    return exp.Table(this=table.source.copy(), alias=alias)


def _aliases(definitions: Iterable[Definition]) -> list[exp.Expr]:
    return [exp.alias_(item.expression, item.name, quoted=True) for item in definitions]


def in_order(frame: Frame, wanted: set[str]) -> list[Step]:
    """Put articles after those whose columns they use; an article that needs itself through another is cut in two."""
    rest = {name: item for name, item in frame.definitions.items() if name in wanted}
    needs = {name: names_in(item.expression) for name, item in rest.items()}
    done: set[str] = set(frame.base) | {KEY}
    every: list[Join | Count] = [*frame.joins.values(), *frame.counts.values()]
    steps = [step for step in every if wanted & set(step.columns)]
    order: list[Step] = []
    while rest or steps:
        ready = [step for step in steps if isinstance(step, Count) or step.by in done]
        for step in ready:
            order.append(step)
            done |= set(step.columns)
            steps.remove(step)
        taken = _take_group(rest, needs, done)
        if taken:
            order.append(taken)
            done |= {item.name for item in taken}
            for item in taken:
                del rest[item.name]
        elif not ready:
            raise AssertionError(f"columns that nothing defines: {sorted(rest)}")
    return order


def _take_group(rest: dict[str, Definition], needs: dict[str, set[str]], done: set[str]) -> list[Definition]:
    """Give the first article that can be written whole; else as much of one as can be."""
    partial: list[Definition] = []
    for group in dict.fromkeys(item.group for item in rest.values()):
        members = [item for item in rest.values() if item.group == group]
        known = set(done)
        ready: list[Definition] = []
        changed = True
        while changed:
            changed = False
            for item in members:
                if item not in ready and needs[item.name] <= known:
                    ready.append(item)
                    known.add(item.name)
                    changed = True
        if len(ready) == len(members):
            return ready
        partial = partial or ready
    return partial


def _layers(definitions: list[Definition]) -> list[list[Definition]]:
    """Split the columns of an article so that each layer uses only those before it."""
    level: dict[str, int] = {}
    layers: list[list[Definition]] = []
    for item in definitions:
        own = 1 + max((level[name] for name in names_in(item.expression) if name in level), default=-1)
        level[item.name] = own
        while len(layers) <= own:
            layers.append([])
        layers[own].append(item)
    return layers
