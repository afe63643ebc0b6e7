"""The story wizard: fifteen questions in four groups, then a plan in a file that the person names (M018)."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input

from engine import (
    STORY_GROUPS,
    Dialogue,
    Story,
    Unanswered,
    WavetreeError,
    clean,
    story_documents,
    write_documents,
)
from tui.kept_answers import KeptAnswers, free_name
from tui.lines import Bit, spread
from tui.panes.footer import keys_line
from tui.panes.wizard import (
    FIELDS,
    QUESTIONS,
    Draft,
    Look,
    asked,
    draft_lines,
    drafted,
    explained,
    intro_lines,
    numbered,
    question_line,
    steps_line,
)
from tui.screens.page import Page
from tui.widgets.painted import Clicked, Painted

KEYS = (
    ("enter", "next", "next"),
    ("esc", "leave, answers are kept", "back"),
    ("↑↓", "question", ""),
    ("pgup pgdn", "group", "group(1)"),
    ("F8", "begin anew", "anew"),
)
MAX_TYPED = 4_000
FORM = "story"


class WizardScreen(Page):
    """One group at a time; a group with an open question is not left forwards. `made` is called with the file
    that was written."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "leave; the answers are kept"),
        Binding("down,tab", "field(1)", "the next question"),
        Binding("up,shift+tab", "field(-1)", "the question before"),
        Binding("pagedown", "group(1)", "the group after, when this one is answered"),
        Binding("pageup", "group(-1)", "the group before"),
        Binding("f8", "anew", "begin anew; what was kept stays in its file"),
    ]

    def __init__(self, folder: Path, made: Callable[[Path], None]) -> None:
        super().__init__()
        self._folder = folder
        self._made = made
        self._kept = KeptAnswers(folder)
        self._dialogue = Dialogue()
        self._draft: Draft | None = None
        self._trouble = self._wrong = ""
        self._missing: tuple[str, ...] = ()
        self._bad: dict[str, str] = {}
        self._named = False
        for key, answer in self._kept.before.items():
            self._dialogue = self._dialogue.answered(key, answer)

    def compose(self) -> ComposeResult:
        """Header, steps, all questions in their groups, the last fields with the draft, explanation, keys."""
        yield Painted(id="header", classes="line")
        yield Painted(id="steps", classes="line")
        yield Painted(id="intro", classes="line")
        with VerticalScroll(id="form", can_focus=False):
            for group in STORY_GROUPS:
                with Vertical(id=group.key, classes="group"):
                    for each in group.questions:
                        yield Painted(id=f"q-{each.key}", classes="question")
                        yield Input(id=f"a-{each.key}", compact=True, max_length=MAX_TYPED)
            with Vertical(id=FORM, classes="group"):
                for key, _, _ in FIELDS:
                    yield Painted(id=f"q-{key}", classes="question")
                    yield Input(id=f"a-{key}", compact=True, max_length=200)
                yield Painted(id="draft")
        yield Painted(id="explain")
        yield Painted(id="footer", classes="line")

    def on_mount(self) -> None:
        """Fill in what was answered before; ask the first group that is not complete."""
        for field in self.query(Input):
            field.cursor_blink = self.desk.live
        self._fill_in()
        self._enter()

    def _fill_in(self) -> None:
        for each in QUESTIONS:
            self._input(each.key).value = self._dialogue.answers.get(each.key, "")
        while not self._dialogue.done and not self._dialogue.open:
            self._dialogue = self._dialogue.next()

    # ── where it is ─────────────────────────────────────────────────────────────────────────────────

    def _keys(self) -> list[str]:
        """The fields of the page that is open."""
        if self._dialogue.done:
            return [key for key, _, _ in FIELDS]
        return [each.key for each in self._dialogue.group.questions]

    def _input(self, key: str) -> Input:
        return self.query_one(f"#a-{key}", Input)

    def _here(self) -> str:
        """The field that has the focus."""
        return (self.focused.id or "")[2:] if isinstance(self.focused, Input) else ""

    def _enter(self, key: str = "") -> None:
        """Open the page of the dialogue's place, at that field or at its first open one."""
        place = FORM if self._dialogue.done else self._dialogue.group.key
        for group in self.query(".group"):
            group.set_class(group.id == place, "-open")
        still = self._dialogue.open if not self._dialogue.done else ()
        self._input(key or (still[0].key if still else self._keys()[0])).focus()
        if self._dialogue.done:
            if not self._named:
                self._named, self._input("file").value = True, free_name(self._folder)
            self._redraft()
        self.call_after_refresh(self.show)

    def show(self) -> None:
        """Draw everything but the fields, which draw themselves."""
        width = self.dress()
        dialogue, here = self._dialogue, self._here()
        head = (Bit(" wavetree ", "brand"), Bit(" "), Bit("a new story", "strong"))
        kept = f"kept in {clean(self._kept.path.name, 60)} " if dialogue.answers else ""
        self.query_one("#header", Painted).paint((spread(head, (Bit(kept, "dim"),), width),))
        self.query_one("#steps", Painted).paint((steps_line(dialogue, width),))
        intro = intro_lines(dialogue, width)
        self.query_one("#intro", Painted).styles.height = len(intro)
        self.query_one("#intro", Painted).paint(intro)
        for number, key, text in numbered():
            answered = bool(self._input(key).value.strip()) and key not in self._bad
            look = Look(here=key == here, answered=answered, missing=key in self._missing)
            self.query_one(f"#q-{key}", Painted).paint((question_line(number, text, look, width),))
        draft = draft_lines(self._draft, self._wrong, width)
        self.query_one("#draft", Painted).styles.height = len(draft)
        self.query_one("#draft", Painted).paint(draft)
        self.query_one("#explain", Painted).paint(explained(asked(here), self._trouble, width))
        self.query_one("#footer", Painted).paint((keys_line(width, KEYS),))

    # ── what a person does ──────────────────────────────────────────────────────────────────────────

    def on_input_changed(self, message: Input.Changed) -> None:
        """Take the answer over as it is typed."""
        message.stop()
        key = (message.input.id or "")[2:]
        if key in {each.key for each in QUESTIONS}:
            self._answer(key, message.value)
        elif key == "file":
            self._trouble = ""
        self.show()

    def _answer(self, key: str, value: str) -> None:
        self._bad.pop(key, None)
        try:
            self._dialogue = self._dialogue.answered(key, clean(value, MAX_TYPED))
        except ValueError as error:
            self._dialogue = self._dialogue.answered(key, "")
            self._bad[key] = str(error)
        self._trouble = self._bad.get(key, "")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Another question is asked: show what is meant by it."""
        self.call_after_refresh(self.show)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Enter: the next question, from the last one the next group, at the very end the file."""
        message.stop()
        self.action_next()

    def action_next(self) -> None:
        """Go on."""
        self._keep()
        keys, here = self._keys(), self._here()
        if here in keys and here != keys[-1]:
            self.action_field(1)
        elif self._dialogue.done:
            self.run_worker(self._written(), exclusive=True, group="draft")
        else:
            self.action_group(1)

    def action_field(self, step: int) -> None:
        """The next question of the group, or the one before."""
        self._keep()
        keys, here = self._keys(), self._here()
        self._trouble = ""
        place = keys.index(here) + step if here in keys else 0
        self._input(keys[max(0, min(len(keys) - 1, place))]).focus()
        if self._dialogue.done:
            self._redraft()

    def action_group(self, step: int) -> None:
        """The group after, which needs every answer of this one; or the group before."""
        self._keep()
        if step < 0:
            self._missing, self._trouble = (), ""
            self._dialogue = self._dialogue.back()
            self._enter(self._keys()[0])
            return
        if self._dialogue.done:
            self.query_one("#form", VerticalScroll).scroll_relative(y=6, animate=False)
            return
        try:
            self._dialogue = self._dialogue.next()
        except Unanswered as error:
            self._missing = tuple(each.key for each in error.questions)
            self._input(self._missing[0]).focus()
            wrong = self._bad.get(self._missing[0], "")
            self._trouble = (
                f"{error.questions[0].text}: {wrong}" if wrong else f"{error}; `none` is an answer"
            )
            self.show()
            return
        self._missing, self._trouble = (), ""
        self._enter()

    def action_anew(self) -> None:
        """Empty all fields; what was kept stays in its file."""
        self._keep()
        self._kept.begin_anew()
        self._dialogue, self._missing, self._trouble, self._draft = Dialogue(), (), "", None
        self._bad = {}
        self._fill_in()
        self._enter()

    def action_back(self) -> None:
        """Leave; the answers are kept for the next time."""
        self._keep()
        self.dismiss()

    def _keep(self) -> None:
        try:
            self._kept.keep(self._dialogue.answers)
        except WavetreeError as error:
            self.desk.orders.say_once(error)

    # ── the draft ───────────────────────────────────────────────────────────────────────────────────

    def _redraft(self) -> None:
        self.run_worker(self._make(), exclusive=True, group="draft")

    async def _make(self) -> None:
        story = Story(id=self._input("id").value.strip(), title=self._input("title").value.strip())
        try:
            self._draft = await to_thread(drafted, self._dialogue.answers, story)
            self._wrong = ""
        except (WavetreeError, ValueError) as error:
            self._draft, self._wrong = None, str(error)
        self.show()

    async def _written(self) -> None:
        await self._make()
        name = self._input("file").value.strip()
        path = self._folder / Path(name).expanduser()
        if self._draft is None:
            return
        if not name or path.exists():
            self._trouble = (
                f"{clean(name, 100)} is there already: name another file" if name else "name a file"
            )
            self._input("file").focus()
            self.show()
            return
        text = next(iter(story_documents(self._draft.made.plan).values()))
        try:
            write_documents(path.parent, {path.name: text})
        except WavetreeError as error:
            self.desk.orders.fail(error)
            return
        self._kept.drop()
        self.dismiss()
        self._made(path)

    async def on_clicked(self, message: Clicked) -> None:
        """A click on a key does what it does."""
        message.stop()
        await self.run_action(message.action.removeprefix("do:"))
