"""Deterministic work for an interpreter: big integers, floats, text, containers, exceptions, compression."""
import hashlib
import json
import math
import sys
import zlib
from collections import Counter
from random import Random


def pi(digits):
    """Machin's formula in fixed point."""
    unity = 10 ** (digits + 10)

    def arctan(x):
        total = term = unity // x
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total

    return str(4 * (4 * arctan(5) - arctan(239)))[: digits + 1]


def orbits(steps):
    """Two bodies around a sun, integrated in floats."""
    bodies = [[0.0, 0.0, 0.0, 0.0, 39.47], [4.84, -1.16, 0.6, 2.81, 0.037], [8.34, 4.12, -1.01, 1.82, 0.011]]
    for _ in range(steps):
        for a in bodies:
            for b in bodies:
                if a is b:
                    continue
                dx, dy = a[0] - b[0], a[1] - b[1]
                pull = b[4] * 0.001 / math.sqrt(dx * dx + dy * dy) ** 3
                a[2] -= dx * pull
                a[3] -= dy * pull
        for body in bodies:
            body[0] += 0.001 * body[2]
            body[1] += 0.001 * body[3]
    return [value.hex() for body in bodies for value in body]


def words(random, count):
    return ["".join(random.choices("etaoinshrdlu", k=random.randint(1, 8))) for _ in range(count)]


def errors(count):
    raised = Counter()
    for n in range(count):
        try:
            [1, 0, None][n % 3] % (n % 2) + [][n % 5 :][0]
        except Exception as error:
            raised[type(error).__name__] += 1
    return raised


def show(name, value):
    text = json.dumps(value, sort_keys=True)
    print(name, len(text), hashlib.sha256(text.encode()).hexdigest())


size = int(sys.argv[1])
random = Random(42)
text = words(random, 40 * size)
show("pi", pi(4 * size))
show("orbits", orbits(10 * size))
show("words", Counter(text).most_common())
show("sorted", sorted(text, key=lambda word: (word[::-1], len(word))))
show("gauss", [random.gauss(0, 1).hex() for _ in range(40 * size)])
show("round trip", json.loads(zlib.decompress(zlib.compress(json.dumps(text).encode(), 9))))
show("compressed", zlib.crc32(zlib.compress(" ".join(text).encode(), 6)))
show("errors", errors(40 * size))
show("functions", [f(x / 7).hex() for f in (math.sin, math.exp, math.log1p, math.atan, math.gamma) for x in range(1, size)])
