"""Words and names: a few dozen known ones, and an endless supply of invented ones."""

from .base import TRAIN, split_of

SHE = "Mia Ana Zoe Eva Ida Lena Nora Rosa Tara Vera Iris Jane Kate Lucy Mary Emma".split()
HE = "Leo Ben Sam Tom Max Dan Finn Hugo Ivan Jack Karl Luis Noah Omar Paul Rob".split()
PEOPLE = SHE + HE
ITEMS = (
    "apples pears plums lemons eggs nuts cakes rolls pens books cards coins stamps shells stones beads "
    "balls kites cups plates boxes keys bells ropes nails bolts seeds roses fish ducks"
).split()
JOBS = "baker miner tailor sailor doctor teacher farmer painter singer judge cook guard smith writer weaver pilot".split()
PETS = "cat dog horse goat parrot rabbit donkey duck hen pony turtle mouse".split()
COLOURS = "red blue green yellow white black brown orange purple grey pink golden".split()

ONSETS = "b c d f g h j k l m n p r s t v w z b d k l m n r s t".split() + "br ch dr fl gr kl pl qu sh sk st th tr y".split() + [""]
VOWELS = "a a a e e e i i i o o o u u u ai ea ou ee".split()
CODAS = ["", "", "", "", "", "", "", "n", "r", "l", "s", "m", "k", "t", "n", "r", "l", "s", "x", "d", "nd", "rt", "sk", "th"]


def pronoun(name):
    return "She" if name in SHE else "He"


def syllables(rng, count):
    return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(count))


def letters(rng, count):
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(count))


def invented(rng, split=TRAIN, capital=True):
    """A name nobody has seen: mostly random syllables, now and then random letters; its hash decides the split."""
    while True:
        roll = rng.random()
        name = letters(rng, rng.randint(3, 7)) if roll < 0.08 else syllables(rng, 3 if roll < 0.3 else 2)
        if 3 <= len(name) <= 11 and split_of(name) == split and name not in COMMON:
            return name.capitalize() if capital else name


def invented_many(rng, count, split=TRAIN):
    """Distinct invented names whose beginnings mostly differ, as names in one story do."""
    names = []
    while len(names) < count:
        name = invented(rng, split)
        if name not in names and (rng.random() < 0.1 or all(name[:2] != other[:2] for other in names)):
            names.append(name)
    return names


COMMON = {word.lower() for word in PEOPLE + ITEMS + JOBS + PETS + COLOURS} | set(
    "the and are was has had his her you not but for all one two six ten who how now out old new car day way any can likes make map sure".split()
)

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()


def number_words(value, hyphen="-"):
    """A number below 1000 in words."""
    if value < 20:
        return SMALL[value]
    if value < 100:
        return TENS[value // 10] + (hyphen + SMALL[value % 10] if value % 10 else "")
    rest = value % 100
    return SMALL[value // 100] + " hundred" + (" and " + number_words(rest, hyphen) if rest else "")
