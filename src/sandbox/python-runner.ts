/**
 * What the interpreter of a program is given to run, in Python. The program shares its process, so nothing that it or these
 * lines write is trusted.
 */

/**
 * Every random number of a program comes from its seed: what Python asks the system for is a generator of this program's,
 * and what would be seeded by the system is seeded by that. The generator is made of the seed and of nothing else.
 */
const CHANCE = `
class Chance:
    def __init__(self):
        self.begin(0)
    def begin(self, seed):
        self.state = hashlib.sha256(repr(seed).encode()).digest()
        random.seed(seed)
    def bytes(self, size, flags=0):
        if size < 0:
            raise ValueError("negative argument not allowed")
        blocks = []
        for _ in range(-(-size // 32)):
            self.state = hashlib.sha256(b"next" + self.state).digest()
            blocks.append(hashlib.sha256(b"shown" + self.state).digest())
        return b"".join(blocks)[:size]

def seed(self, a=None, version=2, given=random.Random.seed):
    return given(self, int.from_bytes(os.urandom(32), "big") if a is None else a, version)

chance = Chance()
os.urandom = random._urandom = chance.bytes
if hasattr(os, "getrandom"):
    os.getrandom = chance.bytes
random.Random.seed = seed
random.seed = random._inst.seed
sys.modules["_uuid"] = None # else it asks the system by itself
`;

/** Defines `reply`: the text of a job, JSON, to the text of what became of it, JSON as well. */
export const REPLY = `
import hashlib, io, json, os, random, sys, traceback
${CHANCE}
class Over(Exception):
    pass

class Page(io.StringIO):
    over = False
    def __init__(self, most):
        super().__init__()
        self.most = most
    def write(self, text):
        if self.over or self.tell() + len(text) > self.most:
            self.over = True
            raise Over("too much output")
        return super().write(text)

def plain(value, depth=0):
    if depth > 100:
        raise ValueError("nested too deep")
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < 2**53 else str(value)
    if isinstance(value, float):
        return float(value) if value == value and abs(value) != float("inf") else None
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one, depth + 1) for one in (sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value)]
    if isinstance(value, dict):
        return {str(key): plain(one, depth + 1) for key, one in value.items()}
    if hasattr(value, "numerator") and hasattr(value, "denominator"):
        return plain(value.numerator, depth + 1) if value.denominator == 1 else str(value)
    if type(value).__name__ == "Decimal":
        return str(value)
    raise TypeError("a " + type(value).__name__ + " is no JSON value")

def told(error):
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "program.py"]
    if isinstance(error, SyntaxError) and error.filename == "program.py":
        lines = [error.lineno]
    return (type(error).__name__ + ": " + str(error))[:900] + (f" (line {lines[-1]})" if lines else "")

def run(job):
    page = sys.stdout = sys.stderr = Page(job["output"])
    chance.begin(job["seed"])
    names = {"__name__": "__main__", **job["globals"]}
    reason = "syntax"
    try:
        code = compile(job["code"], "program.py", "exec")
        reason = "thrown"
        exec(code, names)
        value = names.get("answer")
        if value is None and callable(names.get("solution")):
            value = names["solution"]()
        reason = "unsupported"
        result = {"value": json.dumps(plain(value), allow_nan=False)}
    except MemoryError:
        names.clear()
        result = {"reason": "memory", "message": "MemoryError: out of memory"}
    except RecursionError as error:
        result = {"reason": "memory", "message": told(error)}
    except BaseException as error:
        result = {"reason": reason, "message": told(error)}
    if page.over:
        result = {"reason": "output", "message": ""}
    return {**result, "output": page.getvalue()}

def reply(text):
    try:
        return json.dumps(run(json.loads(text)))
    except BaseException:
        return json.dumps({"reason": "memory", "message": "the program left no room to tell what became of it", "output": ""})
`;

/** What python3 is given: it takes its limits upon itself, reads the job from standard input and writes one line of JSON. */
export const RUNNER = `
import resource
${REPLY}
text = sys.stdin.buffer.read()
job = json.loads(text)
limit = lambda what, most, hard=0: resource.setrlimit(what, (most, hard or most))
limit(resource.RLIMIT_AS, job["memory"])
limit(resource.RLIMIT_CPU, job["seconds"], job["seconds"] + 1) # the first is a signal that tells of time, the second is none
limit(resource.RLIMIT_FSIZE, 1 << 20)
limit(resource.RLIMIT_NOFILE, 64)
limit(resource.RLIMIT_CORE, 0)
told_to = os.fdopen(os.dup(1), "w")
quiet = os.open("/dev/null", os.O_RDWR)
for fd in (0, 1, 2):
    os.dup2(quiet, fd)
told_to.write(reply(text))
told_to.flush()
os._exit(0)
`;
