"""The graph's drawing: golden pictures, and rules that hold for any graph."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st
from screen_runs import NOW, midway, thirty

from tui.boxes import BOX
from tui.draw import Node, Picture, draw
from tui.layout import lay_out
from tui.lines import Bit, clip, cut, fit, plain, spread, width_of, wrap
from tui.panes.graph import graph_of
from tui.present import present

DIAMOND = (("a", "b"), ("c", "d"), ("e",))
EDGES = (("a", "c"), ("b", "c"), ("b", "d"), ("c", "e"), ("d", "e"), ("a", "e"))


def picture(
    columns: tuple[tuple[str, ...], ...], edges: tuple[tuple[str, str], ...], **more: object
) -> Picture:
    nodes = {task: Node("●", task, "at work", "accent") for column in columns for task in column}
    return draw(columns, edges, nodes.__getitem__, widths=(10,) * len(columns), **more)  # type: ignore[arg-type]


def test_a_diamond_with_a_long_edge_and_a_critical_path() -> None:
    heavy = frozenset({("b", "d"), ("d", "e")})
    drawn = plain(picture(DIAMOND, EDGES, heavy=heavy).lines)
    assert (
        drawn
        == """\
● a         ┌───┐
  at work ╶─┤   └────────────┐
● b        ┌┴─▶ ● c        ┌┲┷━▶ ● e
  at work ╺┪      at work ╶┘┃      at work
           ┗━━▶ ● d         ┃
                  at work ╺━┛"""
    )


def test_every_node_stands_where_the_picture_says() -> None:
    drawn = picture(DIAMOND, EDGES)
    for task, (x, y) in drawn.where.items():
        line = "".join(bit.text for bit in drawn.lines[y])
        assert line[x : x + 3] == f"● {task}"


def test_the_same_graph_is_drawn_the_same_twice() -> None:
    one, two = picture(DIAMOND, EDGES), picture(DIAMOND, EDGES)
    assert list(one.lines) == list(two.lines)
    assert (one.width, one.where, one.columns) == (two.width, two.where, two.columns)


@st.composite
def graphs(draw_from: st.DrawFn) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, str], ...]]:
    sizes = draw_from(st.lists(st.integers(1, 5), min_size=1, max_size=5))
    columns = tuple(tuple(f"t{c}{i}" for i in range(size)) for c, size in enumerate(sizes))
    pairs = [
        (a, b)
        for c, column in enumerate(columns)
        for a in column
        for later in columns[c + 1 :]
        for b in later
    ]
    edges = draw_from(st.lists(st.sampled_from(pairs), unique=True, max_size=20)) if pairs else []
    return columns, tuple(edges)


@given(graphs())
def test_no_edge_ever_runs_through_a_node_and_every_target_has_an_arrow(
    graph: tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, str], ...]],
) -> None:
    columns, edges = graph
    drawn = picture(columns, edges)
    rows = ["".join(bit.text for bit in line) for line in drawn.lines]
    for task, (x, y) in drawn.where.items():
        assert rows[y][x : x + 10] == fit(f"● {task}", 10)
        assert rows[y + 1][x : x + 10] == fit("  at work", 10)
    targets = {target for _, target in edges}
    assert sum(row.count("▶") for row in rows) == len(targets)
    assert all(width_of(line) <= drawn.width for line in drawn.lines)


@given(graphs())
def test_two_nodes_never_share_a_slot(
    graph: tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, str], ...]],
) -> None:
    layout = lay_out(*graph)
    places = list(layout.slots.values())
    assert len(set(places)) == len(places)


def test_box_characters_know_their_arms() -> None:
    assert [BOX[arms] for arms in ((1, 1, 0, 0), (0, 0, 2, 2), (0, 1, 0, 1), (2, 2, 1, 0))] == [
        "│",
        "━",
        "┌",
        "┨",
    ]


def test_thirty_tasks_are_drawn_in_a_few_milliseconds() -> None:
    still = thirty()
    frame = present(still.state, still.timeline, still.vitals, NOW)
    graph_of(frame, "task-20", 160, 30)
    begin = time.perf_counter()
    for _ in range(10):
        graph_of(frame, "task-20", 160, 30)
    assert (time.perf_counter() - begin) / 10 < 0.05, "aim 5 ms; ten times that on a busy machine"


def test_of_a_large_graph_only_the_rows_in_view_are_worked_out() -> None:
    """M208: another selection in a plan of hundreds of tasks is on the screen before a person notices."""
    names = [f"t{number}" for number in range(400)]
    columns = tuple(tuple(names[begin : begin + 10]) for begin in range(0, 400, 10))
    edges = tuple((names[at], names[later]) for at in range(390) for later in range(at + 10, 400, 37))
    nodes = {task: Node("●", task, "at work", "accent") for task in names}
    drawn_nodes: list[str] = []

    def node_of(task: str) -> Node:
        drawn_nodes.append(task)
        return nodes[task]

    drawn = draw(columns, edges, node_of, widths=(10,) * len(columns))
    top = drawn.lines[:40]
    in_view = {task for task, (_, y) in drawn.where.items() if y < 40}
    assert len(drawn.lines) > 600
    assert set(drawn_nodes) == in_view
    assert any("▶" in bit.text for line in top for bit in line)


def test_a_narrow_pane_gets_a_list_for_each_wave() -> None:
    still = midway()
    lines = graph_of(present(still.state, still.timeline, still.vitals, NOW), "api-developer", 50, 20).lines
    text = plain(lines)
    assert "✓ 1 Foundation" in text
    assert "▸● api-developer" in text
    assert "waiting   ← api-developer, v…" in text


def test_the_heading_marks_the_wave_at_work_and_the_closed_one() -> None:
    still = midway()
    frame = present(still.state, still.timeline, still.vitals, NOW)
    heading = graph_of(frame, "", 100, 20).lines[0]
    styles = {bit.text.strip(): bit.style for bit in heading if bit.text.strip()}
    assert styles == {"✓ 1 Foundation": "ok", "2 Implementation": "strong", "3 Integration": "dim"}


@given(st.text(max_size=30), st.integers(0, 20))
def test_fitted_text_has_exactly_its_width(text: str, width: int) -> None:
    printable = "".join(letter for letter in text if letter.isprintable())
    assert width_of((Bit(fit(printable, width)),)) == width or not width
    assert width_of((Bit(cut(printable, width)),)) <= width


@given(st.text("ab 日", max_size=40), st.integers(2, 12))
def test_wrapped_lines_fit_and_lose_no_letter(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(width_of((Bit(line),)) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_the_left_gives_way_to_the_right() -> None:
    line = spread((Bit("a long left side"),), (Bit("right"),), 12)
    assert width_of(line) == 12
    assert plain([line]).endswith("right")
    assert width_of(clip((Bit("日本語"),), 5)) <= 5
