"""What is played under the voice: lists of (second, samples, level, pan from -1 to 1)."""

from instruments import drum, flute, gong, pluck, reed, tanpura
from scores import PELOG, SARGAM


def hz(note):
    return 440 * 2 ** ((note - 69) / 12)


def accompany(score, sung, seconds):
    """`sung` is [(second, seconds, notes)] of every word, in time."""
    return {"kabir-dohe": _kabir, "pantun": _pantun}[score.folder](score, sung, seconds)


def _shadow(play, sung, octave, level):
    """An instrument that follows the voice quietly, note by note."""
    for at, length, notes in sung:
        each = round(length / len(notes), 4)
        for i, note in enumerate(notes):
            yield at + i * each, play(hz(note + octave), each), level, 0.25


def _kabir(score, sung, seconds):
    beat = score.beat
    end = seconds - score.outro * beat + 2 * beat
    # Tanpura: Pa, Sa', Sa', Sa, one pluck a beat, from first to last.
    at, turn = 0.0, 0
    while at < seconds - 5 * beat:
        note, pan = ((45, -0.5), (50, 0.3), (50, 0.5), (38, -0.2))[turn % 4]
        yield at, tanpura(hz(note)), 0.17 if note != 38 else 0.21, pan
        at, turn = at + beat, turn + 1
    # Keherwa, eight beats: dha ge na tin | na ka dhin(=tin with ge) na.
    at, turn = score.intro * beat, 0
    while at < end:
        stroke = ("dha", "ge", "na", "tin", "na", "ka", "dha", "na")[turn % 8]
        level = {"dha": 0.26, "ge": 0.17, "na": 0.12, "tin": 0.10, "ka": 0.08}[stroke]
        yield at, drum(stroke), level * (1.1 if turn % 8 == 0 else 1.0), -0.1
        if turn % 8 in (2, 5):
            yield at + beat / 2, drum("ka"), 0.05, -0.15
        at, turn = at + beat, turn + 1
    # Harmonium: shadows the voice, opens, answers between the dohas, and closes.
    yield from _shadow(reed, sung, 12, 0.055)
    first_break = sung[0][0] + 32 * beat
    for begin, phrase in (
        (0.0, "G P D P G R S S"),
        (first_break, "P D S' D P G R S"),
        (seconds - score.outro * beat, "G R S .D S S"),
    ):
        for i, name in enumerate(phrase.split()):
            yield (
                begin + i * beat / 2,
                reed(hz(SARGAM[name] + 12), beat / 2 if i < len(phrase.split()) - 1 else beat * 2),
                0.10,
                0.25,
            )


def _pantun(score, sung, seconds):
    beat = score.beat
    end = seconds - score.outro * beat + 2 * beat
    figures = (
        ("C4", "E4", "G4", "E4", "F4", "E4", "C4", "B3"),
        ("B3", "E4", "F4", "G4", "F4", "E4", "C4", "E4"),
    )
    at, turn = 0.0, 0
    while at < end:
        name = figures[turn // 8 % 2][turn % 8]
        yield at, pluck(hz(PELOG[name] + 12)), 0.17 if turn % 4 == 0 else 0.12, 0.35 if turn % 2 else -0.35
        if turn % 4 == 0:
            yield at, pluck(hz(PELOG["C4" if turn % 8 == 0 else "G3"] - 12), 3.0), 0.24, 0.0
        if turn % 8 == 6:
            yield at + beat / 2, pluck(hz(PELOG["G4"] + 12)), 0.07, 0.5
        if turn % 16 == 0:
            yield at, gong(hz(PELOG["C4"] - 24)), 0.20, -0.1
        at, turn = at + beat, turn + 1
    yield at, gong(hz(PELOG["C4"] - 24)), 0.22, -0.1
    yield at, pluck(hz(PELOG["C4"])), 0.20, 0.0
    yield at + 0.06, pluck(hz(PELOG["G4"])), 0.14, 0.3
    yield at + 0.12, pluck(hz(PELOG["C5"])), 0.14, -0.3
    # Suling: shadows the voice an octave up, opens, answers, and closes.
    yield from _shadow(flute, sung, 12, 0.030)
    first_break = sung[0][0] + 32 * beat
    for begin, phrase, each in (
        (2 * beat, "E4 G4 F4 E4 C4 B3", 1),
        (first_break, "G4 F4 E4 C4", 0.9),
        (seconds - score.outro * beat, "E4 C4 B3 C4", 1),
    ):
        for i, name in enumerate(phrase.split()):
            yield (
                begin + i * each * beat,
                flute(hz(PELOG[name] + 12), each * beat * (0.95 if i < len(phrase.split()) - 1 else 2)),
                0.10,
                0.25,
            )
