"""tools/join_data: two sets of `looking3d generate` become one that the program reads, with all their photos; wrong use is refused."""
import json
import pathlib
import subprocess
import sys
import tempfile

binary, tool = sys.argv[1], pathlib.Path(__file__).parent.parent / "tools" / "join_data"


def run(*arguments):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True)


with tempfile.TemporaryDirectory() as scratch:
    folder = pathlib.Path(scratch)
    for name, seed in (("one", 5), ("two", 6)):
        made = run(binary, "generate", "--out", folder / name, "--shapes", 2, "--seed", seed, "--size", 64, "--samples", 1, "--all-test")
        assert made.returncode == 0, made.stderr
    joined = run(sys.executable, tool, folder / "joined", folder / "one", folder / "two")
    assert joined.returncode == 0, joined.stderr
    assert json.loads((folder / "joined" / "split.json").read_text())["test"] == ["a000000", "a000001", "b000000", "b000001"]

    # Every photo, with all that belongs to it, and its shape's mesh, as the program finds them.
    for source, letter in (("one", "a"), ("two", "b")):
        exported = {}
        for data in (source, "joined"):
            result = run(binary, "export", "--data", folder / data, "--out", folder / f"{data}_{letter}_coco")
            assert result.returncode == 0, result.stderr
            annotations = json.loads(next((folder / f"{data}_{letter}_coco").rglob("*.json")).read_text())
            shapes = [image["shape"] for image in annotations["images"]]
            exported[data] = {s: shapes.count(s) for s in shapes}, len(annotations["annotations"])
        for shape, photos in exported[source][0].items():
            assert exported["joined"][0][letter + shape] == photos, (shape, exported)
    audited = run(binary, "audit", "--data", folder / "joined")
    assert audited.returncode == 0 and "FAIL" not in audited.stdout + audited.stderr, audited.stdout + audited.stderr

    assert run(sys.executable, tool, folder / "joined", folder / "one").returncode == 2  # exists
    assert run(sys.executable, tool, folder / "other", folder).returncode == 2  # no set
    named = folder / "named"
    named.mkdir()
    (named / "split.json").write_text('{"train": [], "val": [], "test": ["chair"]}')
    assert run(sys.executable, tool, folder / "other", folder / "one", named).returncode == 2  # would not be renamed
    assert run(sys.executable, tool, folder / "other", *[folder / "one"] * 27).returncode == 2
    assert not (folder / "other").exists()
