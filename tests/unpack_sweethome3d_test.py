"""tools/unpack_sweethome3d on libraries that this test writes: what it unpacks, and what it refuses."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

TOOL = pathlib.Path(__file__).resolve().parent.parent / "tools" / "unpack_sweethome3d"
# A wedge that is 2 long along y, its up axis in this file: the catalogue's rotation turns z up to y.
MODEL = "v 0 0 0\nv 1 0 0\nv 0 2 0\nv 0 0 3\ng a b\nf 1/1 3/2 2/3\nf -4 -3 -1\nf 1 4 3\nf 2 3 4\n"
ROTATION = "1 0 0 0 0 1 0 -1 0"


def catalog(*pieces):
    lines = ["name=A library", "version=3"]
    for number, piece in enumerate(pieces, 1):
        full = {"id": f"lib#{number}", "name": "Chair", "tags": "Seat", "model": "/m/chair.obj", "width": "50", "depth": "40", "height": "90"}
        lines += [f"{key}#{number}={value}" for key, value in {**full, **piece}.items()]
    return "\n".join(lines)


class Unpack(unittest.TestCase):
    def setUp(self):
        self.temp = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.temp.name)

    def tearDown(self):
        self.temp.cleanup()

    def unpack(self, name, properties, files):
        path = self.root / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("PluginFurnitureCatalog.properties", properties)
            for file, content in files.items():
                archive.writestr(file, content)
        return subprocess.run([sys.executable, TOOL, self.root / "out", path], capture_output=True, text=True)

    def test_turned_scaled_and_marked(self):
        files = {"m/chair.obj": MODEL, "m/LICENSE.txt": "free", "LICENSE.TXT": "all free"}
        for library, use in (("BlendSwap-CC-0", "training"), ("Scopia", "test-only"), ("Unheard-Of", "test-only")):
            done = self.unpack(f"{library}.sh3f", catalog({"modelRotation": ROTATION, "creator": "Ann"}, {"name": "Toilet seat", "model": "/x.obj"},
                                                          {"name": "Lamp", "tags": ""}), files)
            self.assertEqual(done.returncode, 0, done.stdout)
            folder = self.root / "out" / use / f"{library}_chair"
            source = json.loads((folder / "source.json").read_text())
            self.assertEqual((source["use"], source["creator"], source["id"], source["library"]), (use, "Ann", "lib#1", library))
            self.assertEqual(sorted(p.name for p in folder.iterdir()), ["licence_1.txt", "licence_2.txt", "model.obj", "source.json"])
            points = [list(map(float, line.split()[1:])) for line in (folder / "model.obj").read_text().splitlines() if line.startswith("v ")]
            for axis, size in enumerate((0.5, 0.9, 0.4)):
                values = [p[axis] for p in points]
                self.assertAlmostEqual(max(values) - min(values), size, places=5)
            self.assertEqual(min(p[1] for p in points), 0)
            self.assertAlmostEqual(points[3][1], 0.9, places=5)  # the file's z axis points up

    def test_hostile_archives(self):
        bomb = "v 0 0 0\n" * (9 << 20)
        for properties, files in (
            (catalog({}), {"m/chair.obj": bomb}),
            (catalog({}), {}),
            (catalog({}), {"m/chair.obj": "v 0 0 nan\nf 1 1 1\n"}),
            (catalog({}), {"m/chair.obj": MODEL + "f 1 2 99\n"}),
            (catalog({"modelRotation": "1 0 0 0 2 0 0 0 1"}), {"m/chair.obj": MODEL}),
            (catalog({"modelRotation": "1 0"}), {"m/chair.obj": MODEL}),
            (catalog({"height": "-3"}), {"m/chair.obj": MODEL}),
            (catalog({"width": "inf"}), {"m/chair.obj": MODEL}),
        ):
            done = self.unpack("Scopia.sh3f", properties, files)
            self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
            self.assertIn("skipped", done.stdout)
            self.assertNotIn("Traceback", done.stderr)
            self.assertFalse((self.root / "out").exists() and list((self.root / "out").rglob("model.obj")))

    def test_equal_names_do_not_overwrite(self):
        pieces = ({"id": "x#first"}, {"id": "x#second", "model": "/n/chair.obj"}, {"id": "x#second", "model": "/o/chair.obj"}, {"id": ""})
        for _ in range(2):  # the second time over its own folders
            done = self.unpack("Scopia.sh3f", catalog(*pieces), {f"{folder}/chair.obj": MODEL for folder in "mno"})
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            found = {p.parent.name: json.loads(p.read_text())["file"] for p in self.root.rglob("source.json")}
            self.assertEqual(found, {"Scopia_chair": "m/chair.obj", "Scopia_chair_x-second": "n/chair.obj",
                                     "Scopia_chair_x-second_2": "o/chair.obj", "Scopia_chair_piece": "m/chair.obj"})

    def test_nothing_is_written_outside(self):
        done = self.unpack("Scopia.sh3f", catalog({"model": "/../../evil.obj"}), {"../../evil.obj": MODEL})
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual([p.parent.name for p in self.root.rglob("*.obj")], ["Scopia_evil"])


if __name__ == "__main__":
    unittest.main()
