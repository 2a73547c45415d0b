#!/usr/bin/env python3
"""Checks a bundle of evidence offline, written from docs/proofs.md alone.

    verify_bundle.py BUNDLE SIGNERS [KEYS]

SIGNERS holds verifier keys (name+hash+key), one a line: of the operator of the log, and of the witnesses whom you
believe. KEYS holds key records, one a line, of those whose signatures under records you believe.
It needs Python 3.9 and the package cryptography. Exit: 0 all of it holds, 1 something does not, 2 wrong use."""
import base64, hashlib, json, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

class Wrong(Exception):
    """Something that the bundle claims does not hold."""
def need(ok, says):
    if not ok: raise Wrong(says)

def sha256(*parts): return hashlib.sha256(b"".join(parts)).digest()
def unbase64(text): return base64.b64decode(text, validate=True)
def signed(key, message, signature):
    try: Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature: return False
    return True

def read_signers(text):  # name, key id -> algorithm and public key
    signers = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"): continue
        name, key_id, key = line.strip().split("+", 2)
        key = unbase64(key)
        need(key[0] in (1, 4) and len(key) == 33, "a verifier key of another algorithm")
        need(sha256(name.encode(), b"\n", key)[:4].hex() == key_id, "a verifier key with a character changed")
        signers[name, bytes.fromhex(key_id)] = key[0], key[1:]
    return signers

def open_note(note, signers):  # the text, and who of the signers signed it
    text, lines = note[:note.rindex("\n\n") + 1], note[note.rindex("\n\n") + 2:]
    who = []
    for line in lines.splitlines():
        dash, name, signature = line.split(" ")
        raw = unbase64(signature)
        algorithm, key = signers.get((name, raw[:4]), (0, b""))
        if dash != "\u2014" or algorithm == 0: continue
        message, raw = text.encode(), raw[4:]
        if algorithm == 4:  # a witness, who states the time too
            message, raw = b"cosignature/v1\ntime %d\n" % int.from_bytes(raw[:8], "big") + message, raw[8:]
        need(signed(key, message, raw), f"the signature of {name} does not hold")
        who.append(name)
    return text, who

def root_of(leaf, index, size, proof):  # RFC 9162, section 2.1.3.2
    need(0 <= index < size, "a record beyond the head")
    node, last, hash_ = index, size - 1, leaf
    for p in proof:
        need(last > 0, "a proof that is too long")
        if node & 1 or node == last:
            hash_ = sha256(b"\x01", p, hash_)
            while not node & 1 and node: node, last = node >> 1, last >> 1
        else:
            hash_ = sha256(b"\x01", hash_, p)
        node, last = node >> 1, last >> 1
    need(last == 0, "a proof that is too short")
    return hash_

def cited(value):  # the records that a finding names
    if isinstance(value, list):
        for item in value: yield from cited(item)
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "record" and isinstance(item, str): yield item
            if name == "records" and isinstance(item, list): yield from (r for r in item if isinstance(r, str))
            yield from cited(item)

def check_signature(r, record, keys):  # of the record itself: valid, unknown key or unsigned
    if "signature" not in r: return "unsigned"
    mine = [k for k in keys if sha256(b"ed25519\0", unbase64(k["public_key"]))[:4].hex() == r["key"]]
    if not mine: return "unknown key"
    good = [k for k in mine if signed(unbase64(k["public_key"]), r["record"].encode(), unbase64(r["signature"]))]
    need(any(k.get("party", k.get("maker")) == record["source"] for k in good), f"the signature of record {record['id']}")
    return "valid"

def check(bundle, signers, keys):
    need(bundle["format"] == "sublot-evidence-1", "another format")
    text, who = open_note(bundle["checkpoint"], signers)
    origin, size, root = text.split("\n")[:3]
    need(origin in who, f"the head is not signed by {origin}")
    print(f"head of {origin}, {size} records, signed by: {', '.join(who)}")
    there = set()
    for r in bundle["records"]:
        proof = [unbase64(p) for p in r["proof"]]
        need(root_of(sha256(b"\0", r["record"].encode()), r["seq"], int(size), proof) == unbase64(root), f"record {r['seq']} is not under the head")
        record = json.loads(r["record"])
        there.add(f"{record['source']}:{record['id']}")
        print(f"record {record['source']}:{record['id']} at {r['seq']} holds, signature: {check_signature(r, record, keys)}")
    if "finding" in bundle:
        hash_ = base64.b64encode(sha256(bundle["finding"].encode())).decode()
        text, who = open_note(bundle.get("statement", "\n\n"), signers)
        need(text == f"sublot finding v1\n{origin}\n{size}\n{root}\n{hash_}\n" and origin in who, f"the finding is not signed by {origin}")
        need(set(cited(json.loads(bundle["finding"]))) <= there, "the finding rests on records that are not here")
        print("finding signed:", json.loads(bundle["finding"])["outcome"])

if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    read = lambda name: open(name, encoding="utf-8", newline="").read()
    try:
        keys = [json.loads(l) for l in read(sys.argv[3]).splitlines() if l.strip()] if len(sys.argv) == 4 else []
        check(json.loads(read(sys.argv[1])), read_signers(read(sys.argv[2])), [k for k in keys if k["kind"] == "key"])
    except (Wrong, ValueError, KeyError, TypeError, IndexError, AttributeError) as e:
        print("NOT PROVEN:", e)
        sys.exit(1)
