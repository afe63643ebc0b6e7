"""The guided making of a story: four groups of questions, asked one group after the other (M018)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

MAX_ANSWER = 4000
"""Characters of an answer; more is a document, not an answer."""


class Question(Struct, frozen=True):
    """A question with the short key of its answer; `explains` is what `?` shows."""

    key: str
    text: str
    explains: str


class Group(Struct, frozen=True):
    """Questions that are answered together; `intro` is said before them."""

    key: str
    title: str
    intro: str
    questions: tuple[Question, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        "requirements",
        "Story Requirements",
        "What is to be made, where, and how hard it looks.",
        (
            Question(
                "functionality",
                "What functionality needs to be implemented?",
                "A sentence; `As a cook, I want to plan meals so that nothing is wasted` also says for whom "
                "and what for.",
            ),
            Question("module", "Which ERPNext module is this for?", "Its name, or the part of the product."),
            Question("complexity", "What is the expected complexity level?", "Such as low, medium or high."),
        ),
    ),
    Group(
        "components",
        "Component Analysis",
        "Every component that is named becomes work of the agent that makes such components; `none` is an "
        "answer.",
        (
            Question(
                "doctypes",
                "Will this require multiple DocTypes? (List them)",
                "Their names with commas between them, or none.",
            ),
            Question(
                "endpoints",
                "How many API endpoints are needed?",
                "A number, or the endpoints with commas between them; 0 for none.",
            ),
            Question(
                "frontend",
                "Are there frontend components required?",
                "Their names, yes when you have none yet, or no.",
            ),
            Question("workflow", "Does this involve workflow changes?", "The workflows, yes, or no."),
            Question(
                "integrations",
                "Are there external integrations?",
                "The services with commas between them, or no.",
            ),
        ),
    ),
    Group(
        "independence",
        "Independence Assessment",
        "A yes lets work run side by side; a no puts it in order.",
        (
            Question(
                "doctype_first",
                "Can DocType creation happen independently?",
                "No: the designs of the API and of the screen wait for the DocTypes.",
            ),
            Question(
                "api_first",
                "Can API design happen before implementation?",
                "No: the API is designed when the DocTypes are there.",
            ),
            Question(
                "ui_first",
                "Can UI design happen before backend completion?",
                "No: the screen is designed when the API is implemented.",
            ),
            Question(
                "ordering",
                "Are there any strict ordering requirements?",
                "Such as `workflow after frontend` or `api-developer before ui-layout-designer`, or none.",
            ),
        ),
    ),
    Group(
        "resources",
        "Resource Requirements",
        "What the work will change; agents that change the same thing are kept apart.",
        (
            Question(
                "files",
                "File paths that will be modified",
                "Paths or patterns inside the repository such as api/*.py, or none.",
            ),
            Question("tables", "Database tables that will be affected", "Their names, or none."),
            Question(
                "config",
                "Configuration files that need updates",
                "Such as hooks.py, or none; several agents may need the same one.",
            ),
        ),
    ),
)


class Unanswered(ValueError):
    """A group still has open questions; `group` and `questions` say which."""

    def __init__(self, group: Group, questions: tuple[Question, ...]) -> None:
        self.group, self.questions = group, questions
        super().__init__(f"{group.title}: not answered: {'; '.join(each.text for each in questions)}")


class Dialogue(Struct, frozen=True):
    """How far the questions got: the answers so far by question key, and the place of the group that is being
    asked, which is one past the last when all are answered."""

    answers: dict[str, str] = {}
    place: int = 0

    @property
    def done(self) -> bool:
        return self.place >= len(GROUPS)

    @property
    def group(self) -> Group:
        """The group that is being asked; the last one when all are answered."""
        return GROUPS[min(self.place, len(GROUPS) - 1)]

    @property
    def open(self) -> tuple[Question, ...]:
        """The questions of the group that have no answer."""
        return tuple(each for each in self.group.questions if not self.answers.get(each.key, "").strip())

    def answered(self, key: str, answer: str) -> Dialogue:
        """The same with one answer; an empty one takes it back. Raises KeyError for an unknown question and
        ValueError, saying what is accepted, for an answer that cannot be taken."""
        question(key)
        if trouble := problem(key, answer) if answer.strip() else "":
            raise ValueError(trouble)
        kept = {each: text for each, text in self.answers.items() if each != key}
        return replace(self, answers=kept | ({key: answer.strip()} if answer.strip() else {}))

    def next(self) -> Dialogue:
        """The next group. Raises Unanswered while a question of this one is empty."""
        if self.done:
            return self
        if self.open:
            raise Unanswered(self.group, self.open)
        return replace(self, place=self.place + 1)

    def back(self) -> Dialogue:
        """The group before; the first one stays."""
        return replace(self, place=max(0, self.place - 1))


def question(key: str) -> Question:
    """The question of that key. Raises KeyError."""
    for group in GROUPS:
        for each in group.questions:
            if each.key == key:
                return each
    raise KeyError(key)


def problem(key: str, answer: str) -> str:
    """Why an answer cannot be taken, with what is accepted; empty for a good one."""
    if not answer.strip():
        return "needs an answer; `none` is one"
    if len(answer) > MAX_ANSWER:
        return f"has {len(answer)} characters; accepted: at most {MAX_ANSWER}"
    if key in ("files", "config"):
        from_outside = [path for path in answer.replace(",", " ").split() if _leads_out(path)]
        if from_outside:
            return f"found {from_outside[0]!r}; accepted: paths inside the repository"
    return ""


def all_answered(answers: Mapping[str, str]) -> Dialogue:
    """The dialogue after all groups. Raises Unanswered for the first group that is not complete, ValueError
    for an answer that cannot be taken, KeyError for one to no question."""
    dialogue = Dialogue()
    for key, answer in answers.items():
        dialogue = dialogue.answered(key, answer)
    while not dialogue.done:
        dialogue = dialogue.next()
    return dialogue


def _leads_out(path: str) -> bool:
    return path.startswith(("/", "~", "\\")) or path[1:2] == ":" or ".." in path.replace("\\", "/").split("/")
