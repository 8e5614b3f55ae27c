"""The two songs: words, beats and notes, and what is played under them.

A line is its words as (text, romanization or None, beats, notes) and its translation. A rest is None.
"""


class Score:
    """What `make` needs: lengths are in beats of `beat` seconds; every word starts on a half beat."""

    def __init__(self, **fields):
        self.__dict__.update(fields)


# Sargam with Sa = D3 (MIDI 50), in the pentatonic of raga Bhupali; a leading dot is the octave below.
SARGAM = {".P": 45, ".D": 47, "S": 50, "R": 52, "G": 54, "P": 57, "D": 59, "S'": 62}
# Letters of a Sundanese pelog degung, lowered to a comfortable alto.
PELOG = {"G3": 54, "B3": 58, "C4": 59, "E4": 63, "F4": 64, "G4": 66, "B4": 70, "C5": 71}


def words(scale, *rows):
    return [(text, roman, beats, [scale[n] for n in notes.split()]) for text, roman, beats, notes in rows]


KABIR = Score(
    folder="kabir-dohe",
    file="01",
    lang="hi",
    title="बुरा जो देखन मैं चला",
    artist="Nada",
    album="कबीर के दोहे",
    author="कबीर",
    roman="hi-Latn",
    voice="hi",
    pitch=85,
    speed=140,
    beat=0.5,
    intro=4,
    breaks={4: 4},
    outro=6,
    lines=[
        (
            words(
                SARGAM,
                ("बुरा", "burā", 2, "G P"),
                ("जो", "jo", 1, "P"),
                ("देखन", "dekhan", 2, "D P"),
                ("मैं", "main", 1, "G"),
                ("चला,", "chalā,", 2, "R G"),
            ),
            "I set out to find the wicked,",
        ),
        (
            words(
                SARGAM,
                ("बुरा", "burā", 2, "G R"),
                ("न", "na", 1, "S"),
                ("मिलिया", "miliyā", 2, "R G R"),
                ("कोय।", "koy.", 3, "S .D S"),
            ),
            "and not one wicked soul I found.",
        ),
        (
            words(
                SARGAM,
                ("जो", "jo", 1, "P"),
                ("दिल", "dil", 1, "P"),
                ("खोजा", "khojā", 2, "D S'"),
                ("आपना,", "āpnā,", 4, "D P G"),
            ),
            "But when I searched my own heart,",
        ),
        (
            words(
                SARGAM,
                ("मुझसे", "mujhse", 2, "P G"),
                ("बुरा", "burā", 2, "R G"),
                ("न", "na", 1, "R"),
                ("कोय॥", "koy.", 3, "R S"),
            ),
            "no one was more wicked than I.",
        ),
        (
            words(
                SARGAM,
                ("पोथी", "pothī", 2, "G P"),
                ("पढ़ि", "parhi", 1, "P"),
                ("पढ़ि", "parhi", 1, "D"),
                ("जग", "jag", 1, "P"),
                ("मुआ,", "muā,", 3, "G R G"),
            ),
            "Reading book after book, the world has died,",
        ),
        (
            words(
                SARGAM,
                ("पंडित", "pandit", 2, "G R"),
                ("भया", "bhayā", 2, "S R"),
                ("न", "na", 1, "G"),
                ("कोय।", "koy.", 3, "R S"),
            ),
            "and no one became wise.",
        ),
        (
            words(
                SARGAM,
                ("ढाई", "dhāī", 2, "P D"),
                ("आखर", "ākhar", 2, "S' D"),
                ("प्रेम", "prem", 2, "P D"),
                ("का,", "kā,", 2, "P"),
            ),
            "Two and a half letters spell love:",
        ),
        (
            words(
                SARGAM,
                ("पढ़े", "parhe", 2, "G P"),
                ("सो", "so", 1, "G"),
                ("पंडित", "pandit", 2, "R G"),
                ("होय॥", "hoy.", 3, "R S"),
            ),
            "who reads them is the wise one.",
        ),
    ],
)

PANTUN = Score(
    folder="pantun",
    file="02",
    lang="id",
    title="Kalau ada sumur di ladang",
    artist="Nada",
    album="Pantun",
    author="Anonim (pantun rakyat)",
    roman=None,
    voice="id+f2",
    pitch=65,
    speed=150,
    beat=0.44,
    intro=8,
    breaks={4: 4},
    outro=7,
    lines=[
        (
            words(
                PELOG,
                ("Kalau", None, 1.5, "E4 G4"),
                ("ada", None, 1.5, "G4 F4"),
                ("sumur", None, 2, "E4 F4"),
                ("di", None, 1, "E4"),
                ("ladang,", None, 2, "C4 E4"),
            ),
            "If there is a well in the field,",
        ),
        (
            words(
                PELOG,
                ("boleh", None, 1.5, "E4 F4"),
                ("kita", None, 1.5, "E4 C4"),
                ("menumpang", None, 2.5, "B3 C4 E4"),
                ("mandi.", None, 2.5, "C4 B3"),
            ),
            "we may stop there and bathe.",
        ),
        (
            words(
                PELOG,
                ("Kalau", None, 1.5, "E4 G4"),
                ("ada", None, 1.5, "G4 F4"),
                ("umurku", None, 2.5, "G4 F4 E4"),
                ("panjang,", None, 2.5, "F4 E4"),
            ),
            "If my years are long,",
        ),
        (
            words(
                PELOG,
                ("boleh", None, 1.5, "C4 E4"),
                ("kita", None, 1.5, "E4 C4"),
                ("berjumpa", None, 2.5, "B3 C4 B3"),
                ("lagi.", None, 2.5, "B3 C4"),
            ),
            "we may meet again.",
        ),
        (
            words(
                PELOG,
                ("Berakit-rakit", None, 4, "C4 E4 F4 E4 F4"),
                ("ke", None, 1, "G4"),
                ("hulu,", None, 3, "G4 F4"),
            ),
            "Rafting up to the headwaters,",
        ),
        (
            words(
                PELOG,
                ("berenang-renang", None, 4, "E4 F4 E4 C4 E4"),
                ("ke", None, 1, "C4"),
                ("tepian.", None, 3, "B3 C4 B3"),
            ),
            "swimming down to the bank.",
        ),
        (
            words(PELOG, ("Bersakit-sakit", None, 4.5, "C4 E4 G4 F4 G4"), ("dahulu,", None, 3.5, "F4 E4 F4")),
            "First the hardship,",
        ),
        (
            words(
                PELOG,
                ("bersenang-senang", None, 4.5, "E4 F4 E4 C4 B3"),
                ("kemudian.", None, 3.5, "C4 B3 G3 C4"),
            ),
            "and afterwards the joy.",
        ),
    ],
)

SCORES = [KABIR, PANTUN]
