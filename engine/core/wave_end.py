"""The end of a wave: its results recorded, the base merged in, gates, people, landing, and the next one."""

from __future__ import annotations

from engine.core.actions import gates_of
from engine.core.criteria import check
from engine.core.events import Event
from engine.core.gauged import GateLevel
from engine.core.intents import AdvanceRequested, LandRequested, RecordRequested, SyncRequested
from engine.core.merging import gate_request
from engine.core.plan import Gate, Land
from engine.core.pulls import by_pull_request
from engine.core.record.log_entry import recorded
from engine.core.signing import waits_for_people
from engine.core.state import SETTLED, Phase, RunPhase, State, WavePhase, WaveState
from engine.core.tracking import inside
from engine.core.verdicts import WaveClosed, WaveEnded, WaveReopened


def wave_end(state: State) -> list[Event]:
    """The next step of ending the first wave that is not closed: sync, gates, advance, land, close."""
    wave = state.current_wave
    if wave is None or state.train or state.phase is not RunPhase.ACTIVE:
        return []
    if again := _open_again(state, wave):
        return again
    match wave.phase:
        case WavePhase.OPEN:
            settled = all(state.tasks[name].phase in SETTLED for name in wave.tasks)
            return [WaveEnded(wave.number)] if settled else []
        case WavePhase.SYNCING:
            return _sync(state, wave)
        case WavePhase.GATING:
            return _gate(state, wave)
        case WavePhase.LANDING:
            return _land(state, wave)
        case _:
            return []


def _open_again(state: State, now: WaveState) -> list[Event]:
    """Waves behind the present one that were at their end when one before them was opened again: what is to
    be done in them may be what the present one waits for (M215)."""
    if any(key.startswith(("sync:", "record:", "gate:", "land:", "advance:")) for key in state.open):
        return []
    return [
        WaveReopened(wave.number)
        for wave in state.waves[now.number :]
        if wave.phase in (WavePhase.SYNCING, WavePhase.GATING, WavePhase.LANDING)
        and any(state.tasks[name].phase not in SETTLED for name in wave.tasks)
    ]


def _sync(state: State, wave: WaveState) -> list[Event]:
    if any(key.startswith(("sync:", "record:", "gate:")) for key in state.open):
        return []
    if not wave.recorded and recorded(state, wave.tasks):
        return [RecordRequested(wave.number)]
    if _lands(state, wave) and state.tip != state.landed:
        done = tuple(task.id for task in state.tasks.values() if task.phase is Phase.MERGED)
        roadmap, fix = state.plan.roadmap, state.plan.settings.roadmap_autofix
        files = inside(state.plan)
        return [
            SyncRequested(
                wave.number,
                state.tip,
                state.settled,
                roadmap,
                done if roadmap else (),
                fix,
                files,
                done if files else (),
            )
        ]
    if all(state.tasks[name].phase is Phase.SKIPPED for name in wave.tasks):
        return [_close(state, wave)]
    gates = _gates(state, wave, synced=False)
    if not gates:
        return _land(state, wave)
    return [_request(state, wave, gates[0], state.tip)]


def _gate(state: State, wave: WaveState) -> list[Event]:
    if any(key.startswith("gate:") for key in state.open):
        return []
    synced = wave.candidate != state.tip
    gates = _gates(state, wave, synced)
    if wave.gate < len(gates):
        return [_request(state, wave, gates[wave.gate], wave.candidate)]
    if synced:
        return [AdvanceRequested(str(wave.number), state.tip, wave.candidate)]
    return _land(state, wave)


def _land(state: State, wave: WaveState) -> list[Event]:
    if any(key.startswith("gate:") for key in state.open):
        return []
    if waits_for_people(state, wave):
        request = check(state, wave)
        return [request] if request else []
    if any(key.startswith("land:") for key in state.open):
        return []
    if _lands(state, wave) and state.tip != state.landed and not state.land_refused:
        return [LandRequested(wave.number, state.tip)]
    return [_close(state, wave)]


def _close(state: State, wave: WaveState) -> WaveClosed | WaveReopened:
    over = all(state.tasks[name].phase in SETTLED for name in wave.tasks)
    return WaveClosed(wave.number) if over else WaveReopened(wave.number)


def _lands(state: State, wave: WaveState) -> bool:
    if by_pull_request(state):
        return False
    match state.plan.settings.land:
        case Land.WAVE:
            return True
        case Land.END:
            return wave.number == len(state.waves)
        case Land.NEVER:
            return False


def _gates(state: State, wave: WaveState, synced: bool) -> list[tuple[GateLevel, Gate]]:
    """A base that moved was merged in: what comes of it passes the task gates again before it lands."""
    if wave.overridden:
        return []
    gates = gates_of(state.plan)
    found = [(GateLevel.WAVE, gate) for gate in (*(gates.task if synced else ()), *gates.wave)]
    if wave.number == len(state.waves):
        found += [(GateLevel.RUN, gate) for gate in gates.run]
    return found


def _request(state: State, wave: WaveState, gate: tuple[GateLevel, Gate], sha: str) -> Event:
    level, check = gate
    tasks = tuple(state.tasks[name] for name in wave.tasks if state.tasks[name].phase is Phase.MERGED)
    return gate_request(state, level, str(wave.number), check, sha, tasks)
