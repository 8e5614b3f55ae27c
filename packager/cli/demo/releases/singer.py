"""A singer: words spoken by espeak-ng, re-pitched onto notes by TD-PSOLA.

espeak-ng speaks each word on one flat pitch; the word is then cut into grains of two pitch periods
which are laid down again at the melody's periods (Moulines and Charpentier, 1990). Voiced parts are
stretched to fill the note, consonants keep their length. All sums are plain floats in a fixed order:
the same espeak-ng gives the same samples.
"""

import math
import subprocess
import wave
from array import array
from io import BytesIO

RATE = 44100
HOP = RATE // 200  # analysis frames of 5 ms
AUDIBLE = 10 ** (-30 / 20)  # a word starts where it first comes within 30 dB of its own peak


def speak(voice, word, pitch, speed):
    """The word on a flat pitch, as floats at 44.1 kHz."""
    ssml = f'<speak><prosody range="0%">{word}</prosody></speak>'
    command = ["espeak-ng", "-v", voice, "-m", "-p", str(pitch), "-s", str(speed), "--stdout", ssml]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    with wave.open(BytesIO(data)) as wav:
        if (wav.getframerate() * 2, wav.getnchannels(), wav.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"espeak-ng -v {voice}: wanted mono 16 bits at {RATE // 2} Hz")
    # --stdout leaves the lengths in the header open: take what is there.
    samples = array("h", data[44 : 44 + (len(data) - 44) // 2 * 2])
    return _double([s / 32768 for s in samples])


def _double(samples, half=16):
    """Twice the sample rate, by a windowed sinc for every second sample."""
    taps = [
        math.sin(math.pi * (k + 0.5))
        / (math.pi * (k + 0.5))
        * (0.5 + 0.5 * math.cos(math.pi * (k + 0.5) / half))
        for k in range(-half, half)
    ]
    padded = [0.0] * half + samples + [0.0] * (half + 1)
    out = []
    for i in range(len(samples)):
        out.append(samples[i])
        # the sample between i and i+1 lies 0.5 after i; taps[k] weighs i - k
        base = i + half
        out.append(sum(taps[k + half] * padded[base - k] for k in range(-half, half)))
    return out


def _onset(samples):
    """First audible sample and one past the last."""
    peak = max(abs(s) for s in samples)
    first = next(i for i, s in enumerate(samples) if abs(s) > AUDIBLE * peak)
    last = next(i for i in range(len(samples) - 1, -1, -1) if abs(samples[i]) > AUDIBLE * peak)
    return first, last + 1


def _periods(x):
    """Pitch period in samples for every 5 ms frame, None where there is no voice."""
    step = 4
    y = [sum(x[i : i + step]) / step for i in range(0, len(x) - step, step)]
    rate, width = RATE / step, 280
    y += [0.0] * (2 * width)
    loudest = max(sum(v * v for v in y[i : i + width]) for i in range(0, len(y) - width, width // 2))
    found = []
    for frame in range(len(x) // HOP + 1):
        at = min(max(0, frame * HOP // step - width // 2), len(y) - 2 * width)
        a = y[at : at + width]
        energy = sum(v * v for v in a)
        best, best_lag = 0.0, None
        if energy > loudest * 0.003:
            for lag in range(int(rate / 320), int(rate / 65)):
                b = y[at + lag : at + lag + width]
                r = sum(p * q for p, q in zip(a, b)) / math.sqrt(energy * sum(q * q for q in b) + 1e-12)
                if r > best + 0.02:
                    best, best_lag = r, lag
        found.append((best, best_lag))
    sure = sorted(lag for r, lag in found if r > 0.85)
    if not sure:
        return [None] * len(found)
    middle = sure[len(sure) // 2]  # the pitch is flat: its period is one number
    return [
        (lag if lag and abs(lag / middle - 1) < 0.15 else middle) * step if r > 0.55 else None
        for r, lag in found
    ]


def _marks(x, periods):
    """One mark per pitch period: the highest peak near where the last period ends."""
    marks, at = [], 0
    while at < len(x):
        period = periods[min(at // HOP, len(periods) - 1)]
        if period is None:
            at += HOP
            continue
        reach = period // 5 if marks and at - marks[-1][0] < 2 * period else period // 2
        low, high = max(0, at - reach), min(len(x), at + reach + 1)
        peak = max(range(low, high), key=lambda i: x[i])
        if marks and peak - marks[-1][0] < period // 2:
            peak = at
        marks.append((peak, period))
        at = peak + period
    return marks


def _pitch_at(notes, share, seconds, total):
    """Hz at a share (0 to 1) of the word: notes of equal length with glides, a scoop in, a vibrato late."""
    place = min(share * len(notes), len(notes) - 1e-9)
    index, within = int(place), place - int(place)
    length = total / len(notes)
    semitones = notes[index]
    if index > 0:
        glide = min(0.09 / length, 0.6)
        if within < glide:
            bend = 0.5 - 0.5 * math.cos(math.pi * within / glide)
            semitones = notes[index - 1] + (notes[index] - notes[index - 1]) * bend
    elif seconds < 0.08:
        semitones -= 0.7 * (1 - seconds / 0.08)
    if index == len(notes) - 1:
        held = within * length
        if held > 0.22:
            semitones += 0.28 * min((held - 0.22) / 0.25, 1) * math.sin(2 * math.pi * 5.3 * (held - 0.22))
    return 440 * 2 ** ((semitones - 69) / 12)


def sing(voice, word, notes, seconds, pitch, speed):
    """The word on the notes (MIDI numbers), about `seconds` long, starting at its first audible sample."""
    x = speak(voice, word, pitch, speed)
    first, last = _onset(x)
    x = x[max(0, first - 32) : last]
    periods = _periods(x)
    marks = _marks(x, periods)
    voiced = sum(1 for p in periods if p is not None) * HOP / RATE
    total = len(x) / RATE
    stretch = min(max((seconds - (total - voiced)) / max(voiced, 0.02), 0.55), 3.2)

    # Where each 5 ms of the source ends up.
    out_at, ends = 0.0, []
    for p in periods:
        out_at += HOP * (stretch if p is not None else 1.0)
        ends.append(out_at)
    length = int(out_at)
    out = [0.0] * (length + RATE // 10)

    t, frame, mark = 0.0, 0, 0
    while t < length:
        while frame < len(ends) - 1 and ends[frame] <= t:
            frame += 1
        begin = ends[frame - 1] if frame else 0.0
        source = (frame + (t - begin) / (ends[frame] - begin)) * HOP
        if periods[frame] is None or not marks:
            centre, half, step = int(source), HOP, HOP
            gain = 1.0
        else:
            while mark < len(marks) - 1 and abs(marks[mark + 1][0] - source) <= abs(marks[mark][0] - source):
                mark += 1
            centre, half = marks[mark]
            step = RATE / _pitch_at(notes, t / length, t / RATE, length / RATE)
            gain = math.sqrt(min(step / half, 1.5))
            half = int(min(half, step * 1.4)) if step < half else half
        left = int(t) - half
        for i in range(2 * half):
            a, b = centre - half + i, left + i
            if 0 <= a < len(x) and 0 <= b < len(out):
                out[b] += x[a] * gain * (0.5 - 0.5 * math.cos(math.pi * (i + 0.5) / half))
        t += step

    first, last = _onset(out)
    out = out[first:last]
    out = _sustain(out[: int(seconds * RATE)])
    soft = RATE // 500
    for i in range(soft):
        out[i] *= i / soft
    fade = min(int(0.05 * RATE), len(out) // 3)
    for i in range(fade):
        out[len(out) - 1 - i] *= 0.5 - 0.5 * math.cos(math.pi * i / fade)
    return _level(out)


def _sustain(samples, most=2.5):
    """Evens the level inside a word: speech dies away, a sung note is held."""
    width = RATE // 50
    frames = [
        math.sqrt(sum(s * s for s in samples[i : i + width]) / width)
        for i in range(0, len(samples), width // 2)
    ]
    top = max(frames)
    gains = [min((max(f, 1e-6) / top) ** -0.45, most) if f > 0.03 * top else 1.0 for f in frames]
    gains += [gains[-1], gains[-1]]
    out = []
    for i, s in enumerate(samples):
        at, part = divmod(i / (width // 2), 1)
        out.append(s * (gains[int(at)] * (1 - part) + gains[int(at) + 1] * part))
    return out


def _level(samples, target=0.16):
    """The loudest 50 ms at the same level for every word, peaks kept below full scale."""
    width = RATE // 20
    powers = [
        sum(s * s for s in samples[i : i + width]) / width
        for i in range(0, max(1, len(samples) - width), width // 2)
    ]
    gain = target / math.sqrt(max(powers))
    gain = min(gain, 0.75 / max(abs(s) for s in samples))
    return [s * gain for s in samples]


def lead(samples):
    """Seconds from the first sound to where the word is heard to begin: the singer comes in that much early."""
    width = RATE // 100
    powers = [sum(s * s for s in samples[i : i + width]) for i in range(0, len(samples) - width, width)]
    loud = max(powers) * 0.25
    return min(next(i for i, p in enumerate(powers) if p >= loud) * 0.01, 0.09)
