"""Instruments as functions from a pitch (Hz) and a length (s) to samples at 44.1 kHz, loudest near 1."""

import math
import random
from functools import lru_cache

RATE = 44100
TURN = 2 * math.pi


def _add_partial(out, freq, amp, envelope, start=0.0):
    """Adds amp · envelope(t) · sin(2π·freq·t) from `start` on, by a rotating phasor."""
    c, s = math.cos(TURN * freq / RATE), math.sin(TURN * freq / RATE)
    x, y = 1.0, 0.0
    for i in range(int(start * RATE), len(out)):
        out[i] += amp * envelope(i / RATE) * y
        x, y = x * c - y * s, x * s + y * c


def _peak(out):
    top = max(abs(s) for s in out) or 1.0
    return [s / top for s in out]


@lru_cache(None)
def tanpura(freq, seconds=5.0):
    """A plucked string on a flat bridge: each higher partial blooms a little later (jivari)."""
    out = [0.0] * int(seconds * RATE)
    for k in range(1, 15):
        if freq * k > 6500:
            break
        bloom = 0.012 + 0.055 * k**0.8
        decay = 1.9 / (1 + 0.09 * k)

        def envelope(t, bloom=bloom, decay=decay):
            return (t / bloom) * math.exp(1 - t / bloom) * 0.55 + (1 - math.exp(-t / 0.006)) * math.exp(
                -t / decay
            ) * 0.45

        _add_partial(out, freq * k * (1 + 0.00012 * k), 1 / k**0.75, envelope)
    fade = int(0.4 * RATE)
    for i in range(fade):
        out[len(out) - 1 - i] *= i / fade
    return _peak(out)


@lru_cache(None)
def drum(stroke):
    """The strokes of a soft tabla: `ge` bends low, `na` and `tin` ring, `ka` is dry, `dha` is ge with na."""
    if stroke == "dha":
        a, b = drum("ge"), drum("na")
        out = [0.0] * max(len(a), len(b))
        for i, s in enumerate(a):
            out[i] += s
        for i, s in enumerate(b):
            out[i] += 0.6 * s
        return _peak(out)
    noise = random.Random(stroke)
    if stroke == "ge":
        out, phase = [0.0] * int(0.5 * RATE), 0.0
        for i in range(len(out)):
            t = i / RATE
            phase += TURN * (74 + 34 * (1 - math.exp(-t / 0.06)) - 10 * t) / RATE
            out[i] = math.sin(phase) * (1 - math.exp(-t / 0.002)) * math.exp(-t / 0.16)
        return _peak(out)
    if stroke == "ka":
        out, low = [0.0] * int(0.09 * RATE), 0.0
        for i in range(len(out)):
            low += 0.25 * (noise.uniform(-1, 1) - low)
            out[i] = low * math.exp(-i / RATE / 0.015)
        return _peak(out)
    # The ringing head's partials are near-harmonic thanks to its black paste (Raman, 1920).
    decays = {"na": (0.05, 0.20, 0.14), "tin": (0.22, 0.16, 0.08)}[stroke]
    out = [0.0] * int(0.6 * RATE)
    for partial, (ratio, decay) in enumerate(zip((1.0, 2.0, 3.01), decays)):
        _add_partial(
            out,
            293.66 * ratio,
            (0.7, 1.0, 0.5)[partial],
            lambda t, d=decay: math.exp(-t / d) * (1 - math.exp(-t / 0.001)),
        )
    low = 0.0
    for i in range(int(0.012 * RATE)):
        low += 0.5 * (noise.uniform(-1, 1) - low)
        out[i] += 0.5 * low * math.exp(-i / RATE / 0.003)
    return _peak(out)


@lru_cache(None)
def reed(freq, seconds):
    """A harmonium's held note with a soft start and end."""
    out = [0.0] * int((seconds + 0.12) * RATE)

    def envelope(t):
        rise, fall = min(t / 0.07, 1), min(max((seconds + 0.12 - t) / 0.14, 0), 1)
        return rise * fall * (1 + 0.05 * math.sin(TURN * 4.1 * t))

    for k in range(1, 9):
        for beat in (0.9994, 1.0006):
            _add_partial(out, freq * k * beat, 0.5 / k**1.25, envelope)
    return _peak(out)


@lru_cache(None)
def flute(freq, seconds):
    """A bamboo flute: nearly a sine, some breath at the start, a vibrato that grows."""
    noise, low = random.Random(int(freq * 100)), 0.0
    out, phase = [0.0] * int((seconds + 0.1) * RATE), 0.0
    for i in range(len(out)):
        t = i / RATE
        phase += TURN * freq * (1 + 0.006 * min(t / 0.5, 1) * math.sin(TURN * 4.8 * t)) / RATE
        level = min(t / 0.06, 1) * min(max((seconds + 0.1 - t) / 0.12, 0), 1)
        low += 0.15 * (noise.uniform(-1, 1) - low)
        out[i] = level * (
            math.sin(phase)
            + 0.22 * math.sin(2 * phase)
            + 0.06 * math.sin(3 * phase)
            + 0.10 * math.exp(-t / 0.08) * low
        )
    return _peak(out)


@lru_cache(None)
def pluck(freq, seconds=2.2):
    """A zither string (Karplus and Strong, 1983), tuned between samples by a first-order allpass."""
    noise = random.Random(int(freq * 100))
    delay = RATE / freq - 0.5
    whole = int(delay - 0.3)
    part = delay - whole
    coefficient = (1 - part) / (1 + part)
    raw = [noise.uniform(-1, 1) for _ in range(whole)]
    middle = sum(raw) / whole  # a string does not hold a constant
    line = [(raw[i] + raw[i - 1] + raw[i - 2]) / 3 - middle for i in range(whole)]
    out, at, last, past_in, past_out = [], 0, 0.0, 0.0, 0.0
    loss = 0.001 ** (1 / (freq * seconds * 1.1))
    for _ in range(int(seconds * RATE)):
        now = line[at]
        mean = loss * 0.5 * (now + last)
        last = now
        tuned = coefficient * (mean - past_out) + past_in
        past_in, past_out = mean, tuned
        line[at] = tuned
        at = (at + 1) % whole
        out.append(now)
    fade = int(0.3 * RATE)
    for i in range(fade):
        out[len(out) - 1 - i] *= i / fade
    return _peak(out)


@lru_cache(None)
def gong(freq, seconds=6.0):
    """A hanging gong: few slow partials that beat against each other."""
    out = [0.0] * int(seconds * RATE)
    for ratio, amp, decay in (
        (1, 1, 2.4),
        (1.006, 0.5, 2.4),
        (2.01, 0.35, 1.3),
        (2.74, 0.18, 0.9),
        (3.78, 0.08, 0.5),
    ):
        _add_partial(out, freq * ratio, amp, lambda t, d=decay: (1 - math.exp(-t / 0.012)) * math.exp(-t / d))
    fade = int(0.6 * RATE)
    for i in range(fade):
        out[len(out) - 1 - i] *= i / fade
    return _peak(out)
