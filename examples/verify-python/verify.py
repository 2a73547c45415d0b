#!/usr/bin/env python3
"""A second reader of sublot's marks, written from docs/format.md alone. Refusals name the rule of that page.

    verify.py vectors DIR          judge the vectors of marking/testdata/vectors
    verify.py frame TRUST MARK     judge one mark: hexadecimal, SL1:… or base32

It needs Python 3.9 and the package cryptography. Exit: 0 all as it should be, 1 not, 2 wrong use."""
import base64, hashlib, json, re, sys, unicodedata
from datetime import datetime, timezone
from pathlib import Path
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

DENSE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ/-._+: ()#"
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
LEVELS = ["lot", "sublot", "pallet", "case", "crate", "tin", "box", "carton", "item"]
STATES = ["unknown_key", "invalid", "revoked_key", "valid"]  # from the worst to the best
FIELDS = {"key": "maker party algorithm public_key valid_from valid_to", "status": "of state reason"}
SMALL = {v + 2**255 - 19 for v in (-1, 0, 1)} | {0, 1} | {int.from_bytes(bytes.fromhex(h), "little") for h in (  # K4
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")}
class Refused(Exception):
    """These bytes are no mark."""
def need(ok, rule):
    if not ok: raise Refused(rule)

def check_identity(item):
    parts = item.split("/")
    need(2 <= len(parts) <= 10, "I1")
    for part in parts:
        need(1 <= len(part) <= 32, "I2")
        letters = [c for c in part if c not in "0123456789()#-._+: "]
        need(all(unicodedata.category(c) in ("Lu", "Lo") and c not in "ªº" for c in letters), "I3")
        scripts = {unicodedata.name(c).split()[0] for c in letters}  # LATIN, CYRILLIC …: Python knows no scripts
        need(len(scripts) <= 1 and not scripts & {"DOUBLE-STRUCK", "SCRIPT", "BLACK-LETTER", "MATHEMATICAL"}, "I3")
        need(part[0] not in "-._+: " and part[-1] not in "-._+: " and "  " not in part and ".." not in part, "I4")
        need(unicodedata.normalize("NFC", part) == part, "I5")
    return item
def identity_key(item):  # I7
    run = lambda m: ("\x2f" if m.end() == len(m.string) else "\x30") + chr(len(m[0])) + m[0]
    return "".join(re.sub("[0-9]+", run, part) + "\0" for part in item.split("/")).encode()
def check_character(item):  # T4, ISO 7064 MOD 37,36
    p = 36
    for b in item.encode():
        place = DENSE[:36].find(chr(b))
        for v in [place] if place >= 0 else [b // 36, b % 36]:
            p = ((p + v) % 36 or 36) * 2 % 37
    return DENSE[(37 - p) % 36]

def dense(b):  # F7
    need(b and b[0] != 0, "F7")
    n, out = int.from_bytes(b, "big"), ""
    while n > 0:
        out, n = DENSE[(n - 1) % 46] + out, (n - 1) // 46
    return out
def text(b, most):  # O4
    s = b.decode("utf-8", "replace")
    need(1 <= len(b) <= most and s.encode() == b and not re.search("[\0-\x1f\x7f-\x9f]", s), "O4")
    return s
def read_fields(b, mark):
    last = (0, b"")
    while b:
        need(len(b) >= 2 and 1 <= b[1] <= len(b) - 2 and b[0] > 0, "O1")
        tag, value, b = b[0], b[2:2 + b[1]], b[2 + b[1]:]
        need((tag, value) > last and not (tag == last[0] and tag <= 4), "O2")
        last, ok = (tag, value), True
        if tag == 1:
            mark["calibre_text"], ok = text(value, 32), value[0] != ord("#")
        elif tag == 2:
            mark["rounds"] = int.from_bytes(value, "big")
            ok = value[0] != 0 and mark["rounds"] <= 999_999_999_999
        elif tag == 3:
            mark["type"] = text(value, 64)
        elif tag == 4:
            mark["nsn"] = dense(value)
            ok = re.fullmatch("[0-9]{6}[0-9A-Z][0-9]{6}", mark["nsn"])
        elif tag == 16:
            mark.setdefault("national", []).append(text(value, 255))
            ok = re.fullmatch(b"(?s)[A-Z]{2}:[a-z0-9_-]{1,16}=.{1,200}", value)
        else:  # O3
            mark.setdefault("unknown", []).append([f"{tag:02x}", value.hex()])
        need(ok, "O5 to O9")

def read_frame(frame):
    """Returns what the frame states, the hint or None, and the signature."""
    need(1 <= len(frame) <= 512 and frame[0] >> 5 == 1 and 1 <= frame[0] & 15 <= 9, "F1 to F4")
    hint, sig, rest = None, None, frame[1:]
    if not frame[0] & 16:  # S4
        need(len(rest) >= 4 + 3 + 1 + 64, "F4")
        hint, rest, sig = rest[:4], rest[4:-64], rest[-64:]
    need(len(rest) >= 4, "F4")
    head, path, fields = int.from_bytes(rest[:3], "big"), rest[3:], b""
    if head & 1:
        need(path[0] >= 1 and len(path) > 1 + path[0], "F4, F10")
        path, fields = path[1:1 + path[0]], path[1 + path[0]:]
    need(len(path) <= 255, "F4")
    item = dense(path) if path[0] else text(path[1:], 255)
    need(path[0] or any(c not in DENSE for c in item), "F8")
    mark = {"item": check_identity(item), "level": LEVELS[(frame[0] & 15) - 1], "calibre_number": head >> 13}
    if head >> 1 & 0xFFF:  # F6
        mark["made"] = "%d-%02d" % (1850 + ((head >> 1 & 0xFFF) - 1) // 12, ((head >> 1 & 0xFFF) - 1) % 12 + 1)
    read_fields(fields, mark)
    need((mark["calibre_number"] == 2047) == ("calibre_text" in mark), "F5")
    return mark, hint, sig

def when(s):
    t = datetime.fromisoformat(s.replace("Z", "+00:00"))
    return t if t.tzinfo else t.replace(tzinfo=timezone.utc)
def read_trust(lines):  # returns the keys, and of each revoked one its first day
    keys, revoked = {}, {}
    for line in filter(None, (line.strip() for line in lines)):
        try:
            r = dict(pairs := json.loads(line, object_pairs_hook=list))
            need(len(r) == len(pairs) and not set(r) - set(f"kind source id at recorded note ext {FIELDS[r['kind']]}".split()), "K1")
            if r["kind"] == "key":
                need(r.get("algorithm", "ed25519") == "ed25519" and ("maker" in r) != ("party" in r), "K1, K3")
                r["raw"] = base64.b64decode(r["public_key"], validate=True)
                need(len(r["raw"]) == 32 and int.from_bytes(r["raw"], "little") % 2**255 not in SMALL, "K1, K4")
                keys[r["source"] + ":" + r["id"]] = r
            else:
                need(r["state"] == "revoked", "K1")
                revoked[r["of"]] = min(when(r["at"]), revoked.get(r["of"], when(r["at"])))
        except (ValueError, KeyError, TypeError) as e:
            raise Refused(f"K1: {e}")
    need(set(revoked) <= set(keys), "K2")
    return keys, revoked

def judge(frame, trust):
    """Returns the verdict, the name of the key that signed, and the mark."""
    mark, hint, sig = read_frame(frame)
    best = ("unknown_key" if hint else "unsigned", None)
    for name, k in trust[0].items():
        if hint is None or "party" in k or hashlib.sha256(b"ed25519\0" + k["raw"]).digest()[:4] != hint:  # K3, S3
            continue
        late = "made" in mark and "valid_to" in k and when(mark["made"] + "-01") > when(k["valid_to"])  # V3
        wrong = late or k["maker"] != mark["item"].split("/")[0]  # V2
        state = ("invalid" if wrong else "revoked_key" if name in trust[1] else "valid", name)
        try:
            Ed25519PublicKey.from_public_bytes(k["raw"]).verify(sig, b"sublot/mark/v1\0" + frame[:-64])  # S1, S2
        except InvalidSignature:
            state = ("invalid", None)
        best = max(best, state, key=lambda b: STATES.index(b[0]))  # V5
    return *best, mark

def read_text(s):  # T1 to T3
    groups, out = re.findall("(?s).{1,3}", s[4:]), b""
    if not s.startswith("SL1:"):
        need(re.fullmatch("[A-Z2-7]+", s) and len(s) % 8 in (0, 2, 4, 5, 7), "T3")
        groups, out = [], base64.b32decode(s + "=" * (-len(s) % 8))
        need(base64.b32encode(out).decode().rstrip("=") == s, "T3")
    for group in groups:
        n = sum(BASE45.find(c) * 45 ** i for i, c in enumerate(group))
        need(len(group) > 1 and set(group) <= set(BASE45) and n < 256 ** (len(group) - 1), "T3")
        out += n.to_bytes(len(group) - 1, "big")
    return need(out, "T3") or out

def run_vector(v, trust):
    """Returns the verdict on a vector; raises AssertionError where a detail is wrong."""
    if "trust" in v:
        read_trust(v["trust"])
    elif "item" in v:
        found = identity_key(check_identity(v["item"])).hex(), v["item"] + "=" + check_character(v["item"])
        assert v["verdict"] == "refused" or found == (v["item_key"], v["checked"]), found
    elif "checked" in v:
        need(v["checked"][-1] == check_character(check_identity(v["checked"][:-2])) and v["checked"][-2] == "=", "T4")
    elif "frame" not in v and ("text" in v or "path" in v):
        read_text(v.get("text") or v["path"])
    else:
        frame = bytes.fromhex(v.get("frame", ""))
        verdict, key, mark = judge(frame, trust)
        assert v.get("key") in (None, key) and v.get("mark") in (None, mark), (key, mark)
        assert all(read_text(v[form]) == frame for form in ("text", "path") if form in v)
        return verdict
    return "accepted"

def main(args):
    if len(args) == 3 and args[0] == "frame":
        frame = bytes.fromhex(args[2]) if re.fullmatch("(?:[0-9a-f]{2})+", args[2]) else read_text(args[2])
        found = judge(frame, read_trust(Path(args[1]).open(encoding="utf-8")))
        print(*found)
        return found[0] != "valid"
    if len(args) != 2 or args[0] != "vectors":
        return print(__doc__, file=sys.stderr) or 2
    trust, results = read_trust(Path(args[1], "trust.jsonl").open(encoding="utf-8")), []
    for v in (json.loads(line) for name in ("accept", "reject") for line in Path(args[1], name + ".jsonl").open(encoding="utf-8")):
        try:
            got = run_vector(v, trust)
        except (Refused, AssertionError) as e:
            got = "refused" if isinstance(e, Refused) else f"another reading: {e}"
        results.append(got == v["verdict"])
        if not results[-1]:
            print(f"{v['name']} ({' '.join(v['must'])}): {got}, wanted {v['verdict']}")
    print(f"{len(results)} vectors, {results.count(False)} wrong")
    return not results or not all(results)

if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refused as e:
        sys.exit(f"refused: {e}")
