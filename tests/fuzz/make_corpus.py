#!/usr/bin/env python3
"""Writes the seeds in corpus/ from tests/unit/yjs/vectors.json. Run it again after the vectors change."""
import json
import pathlib
import shutil

here = pathlib.Path(__file__).resolve().parent
vectors = json.loads((here.parent / "unit" / "yjs" / "vectors.json").read_text())


def write(name, seeds):
    folder = here / "corpus" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for key, seed in seeds.items():
        (folder / key).write_bytes(seed)


def pair(a, b):
    return len(a).to_bytes(2, "big") + a + b


def of(part, field):
    return {vector["id"]: bytes.fromhex(vector[field]) for vector in vectors[part]}


short = {key: update for key, update in of("updates", "hex").items() if len(update) <= 120}
write("update", short | {"bad-" + key: update for key, update in of("malformed", "hex").items()})
write("state_vector", of("state_vectors", "hex"))
write("message", of("y_protocols_frames", "hex") | of("awareness", "frame_y_websocket"))
write("awareness", of("awareness", "update"))
write("merge", {
    vector["id"]: pair(*map(bytes.fromhex, vector["inputs"][:2]))
    for vector in vectors["merge"] if len(vector["inputs"]) >= 2
})
