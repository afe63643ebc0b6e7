"""One moment of a run, ready to be drawn: frozen rows, words and numbers, cleaned of everything foreign."""

from __future__ import annotations

from msgspec import Struct


class Row(Struct, frozen=True):
    """One task. `percent` is None when nothing is known; `source` says where it comes from: `r` reported,
    `s` steps, `e` estimate, empty when it is certain. Times in seconds, `cpu` in percent of one core,
    `rss` in bytes; None is unknown. `after` are the tasks that it lets go first, as serialized. `id` and
    these are the plan's, every other text is clean."""

    id: str
    name: str
    title: str
    wave: int
    word: str
    live: bool
    settled: bool
    percent: float | None
    source: str
    step: str
    says: str
    branch: str
    commits: int
    tests: str
    eta: float | None
    cpu: float | None
    rss: int | None
    attempt: int
    held: bool
    waits: tuple[str, ...] = ()
    note: str = ""
    next_event: str = ""
    next_eta: float | None = None
    changed: int = 0
    asks_merge: bool = False
    asks_fix: bool = False
    asks_review: bool = False
    overdue: bool = False
    isolated: bool = False
    conflict: str = ""
    after: tuple[str, ...] = ()
    health: str = ""


class WaveHead(Struct, frozen=True):
    """One wave: `word` says what it is at, `done` and `total` count its tasks."""

    number: int
    name: str
    word: str
    done: int
    total: int
    closed: bool


class Gauge(Struct, frozen=True):
    """One measured resource: `percent` 0-100 or None, `text` more in words, `marks` limits in percent."""

    name: str
    percent: float | None
    text: str
    marks: tuple[float, ...] = ()
    style: str = ""


class AlertLine(Struct, frozen=True):
    """Something a person should see; `age` in seconds; `acts` are the actions that answer it, the usual one
    first."""

    number: int
    kind: str
    text: str
    tasks: tuple[str, ...]
    files: tuple[str, ...]
    remedy: str
    open: bool
    age: float
    acts: tuple[str, ...] = ()


class Frame(Struct, frozen=True):
    """Everything the dashboard and `wavetree status` show. `overall` is the mean of the rows' percent;
    `undo` says which decision would be taken back next, `conflict` is the newest open one; `keys` are a
    person's own, by action, as they are written."""

    project: str = ""
    run: str = ""
    number: int = 0
    base: str = ""
    phase: str = "new"
    ended: bool = False
    held: bool = False
    alive: bool = True
    wave: WaveHead | None = None
    waves: tuple[WaveHead, ...] = ()
    offered: int = 0
    digest: str = ""
    rows: tuple[Row, ...] = ()
    columns: tuple[tuple[str, ...], ...] = ()
    edges: tuple[tuple[str, str], ...] = ()
    critical: frozenset[str] = frozenset()
    critical_seconds: float = 0.0
    overall: float = 0.0
    eta: float | None = None
    elapsed: float = 0.0
    gauges: tuple[Gauge, ...] = ()
    load: str = ""
    cpu: float = 0.0
    measured: float = 0.0
    slots: int = 0
    slots_used: int = 0
    alerts: tuple[AlertLine, ...] = ()
    needs: int = 0
    next_line: str = ""
    undo: str = ""
    conflict: str = ""
    signing: bool = False
    queue: tuple[str, ...] = ()
    merged: int = 0
    keys: dict[str, str] = {}

    def row(self, task: str) -> Row | None:
        """The row of that task id."""
        return next((row for row in self.rows if row.id == task), None)

    @property
    def live(self) -> tuple[Row, ...]:
        """The rows whose agent is alive."""
        return tuple(row for row in self.rows if row.live)
