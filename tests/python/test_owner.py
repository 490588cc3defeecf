# SPDX-License-Identifier: Apache-2.0
"""The owner's side of module enc_mnist, and the package."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import enc_mnist
from enc_mnist import EncMnistError, Network, Owner, inspect
from owner_side import OWNER

PUBLIC = OWNER.replace(".pem", ".pub")


def run(*command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)
    assert done.returncode == 0, f"{command}: {done.stdout}"
    return done.stdout


class InFolder(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)


class Owners(InFolder):
    def setUp(self):
        super().setUp()
        self.key = self.folder / "model.key"
        self.sealed = self.folder / "digits.sealed"
        self.key_id = enc_mnist.make_model_key(self.key)

    def seal(self, **changed):
        options = {"model_id": "digits", "model_version": 3, **changed}
        with Owner(OWNER) as owner, Network("models/mnist.bin") as net:
            owner.seal(net, self.key, self.sealed, **options)

    def test_a_network_says_what_it_is(self):
        with Network("models/mnist.bin") as net:
            self.assertEqual(net.macs, 568880)
            self.assertGreater(net.weights, 2000000)
            self.assertGreater(net.layers, 3)
        for wrong in ("README.md", b"", b"no", os.urandom(3000), "none"):
            self.assertRaises(EncMnistError, Network, wrong)
        with self.assertRaisesRegex(ValueError, "network is closed"):
            net.macs

    def test_keys_are_made_once(self):
        files = self.folder / "a.pem", self.folder / "a.pub"
        enc_mnist.make_owner(*files)
        with Owner(files[0]) as owner:
            self.assertEqual(len(owner.fingerprint), 79)
        with self.assertRaisesRegex(EncMnistError, "exists"):
            enc_mnist.make_owner(*files)
        with self.assertRaisesRegex(EncMnistError, "exists"):
            enc_mnist.make_model_key(self.key)
        self.assertEqual(self.key.stat().st_mode & 0o777, 0o600)
        self.assertRegex(self.key_id, "^[0-9a-f]{32}$")

    def test_a_public_key_is_written_again(self):
        again = self.folder / "again.pub"
        with Owner(OWNER) as owner:
            owner.publish(again)
            with self.assertRaisesRegex(EncMnistError, "exists"):
                owner.publish(again)
        self.assertEqual(again.read_bytes(), pathlib.Path(PUBLIC).read_bytes())

    def test_inspect(self):
        self.seal(security_version=2)
        said = inspect(self.sealed, PUBLIC)
        self.assertEqual(said, (0, "digits", 3, 2, ()))
        shown = run("out/native/enc_mnist", "inspect", self.sealed)
        self.assertIn(self.key_id, shown)
        enc_mnist.make_owner(self.folder / "b.pem", self.folder / "b.pub")
        self.assertRaises(EncMnistError, inspect, self.sealed,
                          self.folder / "b.pub")
        data = bytearray(self.sealed.read_bytes())
        data[len(data) // 2] ^= 1
        self.sealed.write_bytes(data)
        self.assertRaises(EncMnistError, inspect, self.sealed)
        self.assertRaises(EncMnistError, inspect, "README.md")
        self.assertRaises(EncMnistError, inspect, "none")

    def test_what_no_owner_may_do_is_refused(self):
        for changed, error, words in (
                ({"model_id": "Upper"}, EncMnistError, "`Upper'"),
                ({"model_id": "a\0b"}, ValueError, "model_id has a NUL"),
                ({"model_version": 0}, EncMnistError, "versions are from 1"),
                ({"model_version": 1 << 32 | 1}, ValueError, "model_version"),
                ({"security_version": -1}, ValueError, "security_version"),
                ({"answers_per_load": 1 << 64}, ValueError, "answers_per_load"),
                ({"model_version": 1.5}, TypeError, "float"),
                ({"leaves": 9}, ValueError, "Leaves"),
                ({"login": "user:root"}, EncMnistError, "`user:root'"),
                ({"login": "user:1\0"}, ValueError, "login has a NUL"),
                ({"leaves": 2, "amount": 11}, EncMnistError, "ask for fewer"),
                ({"labels": "README.md"}, EncMnistError, "README.md")):
            with self.assertRaisesRegex(error, words, msg=changed):
                self.seal(**changed)
            self.assertFalse(self.sealed.exists(), changed)
        with Owner(OWNER) as owner:
            for changed, error, words in (
                    ({"epoch": 0}, EncMnistError, "from 1 to 4294967294"),
                    ({"epoch": 1 << 32}, ValueError, "epoch is from 0"),
                    ({"epoch": 3, "retired": 3}, EncMnistError, "above those"),
                    ({"models": {"Upper": 1}}, EncMnistError, "`Upper'"),
                    ({"models": {"a": 0}}, EncMnistError, "from 1"),
                    ({"models": dict.fromkeys("abcdefghi", 1)}, EncMnistError,
                     "at most 8"),
                    ({"fingerprints": ["12"]}, EncMnistError, "`12'"),
                    ({"ta": "12"}, EncMnistError, "`12'"),
                    ({"devices": []}, EncMnistError, "no device"),
                    ({"model_key": None}, EncMnistError, "would say nothing"),
                    ({"model_key": "README.md"}, EncMnistError, "README.md"),
                    ({}, EncMnistError, "CHANGELOG.md")):
                how = {"model_key": self.key, "devices": "CHANGELOG.md",
                       "epoch": 1, **changed}
                with self.assertRaisesRegex(error, words, msg=changed):
                    owner.wrap(output=self.sealed, **how)
                self.assertFalse(self.sealed.exists(), changed)

    def test_a_network_is_read_before_it_is_sealed(self):
        with Owner(OWNER) as owner:
            with self.assertRaisesRegex(TypeError, r"not str: Network\(file\)"):
                owner.seal("models/mnist.bin", self.key, self.sealed,
                           model_id="digits", model_version=1)

    def test_envelopes_for_the_devices_that_were_named(self):
        devices = [self.folder / f"{n}.pub" for n in range(3)]
        out = self.folder / "envelopes"
        for device in devices:
            run("openssl", "genpkey", "-algorithm", "X25519", "-out",
                self.folder / "x")
            run("openssl", "pkey", "-in", self.folder / "x", "-pubout", "-out",
                device)
        with Owner(OWNER) as owner:
            owner.wrap(self.key, devices[0], out, epoch=1)
            prints = list(inspect(out, PUBLIC).devices)
            owner.wrap(self.key, devices[1:], out, epoch=1)
            prints += inspect(out, PUBLIC).devices
            self.assertEqual(len(set(prints)), 3)
            owner.wrap(None, devices, out, epoch=3, retired=2, ta="0" * 7 + (
                "1-0000-0000-0000-000000000001"), fingerprints=prints,
                models={"kws": 2, "digits": 1})
            self.assertEqual(set(inspect(out, PUBLIC).devices), set(prints))
            shown = run("out/native/enc_mnist", "inspect", out)
            for words in ("3 envelopes", "digits, security version 1",
                          "kws, security version 2",
                          "TA:            00000001-0000-0000-0000-000000000001\n"):
                self.assertIn(words, shown)
            for wrong in (prints[:2], prints + ["0" * 63 + "1"]):
                with self.assertRaisesRegex(EncMnistError, "fingerprint"):
                    owner.wrap(self.key, devices, out, epoch=4,
                               fingerprints=wrong)
            (self.folder / "two.pub").write_bytes(
                devices[0].read_bytes() + devices[1].read_bytes())
            with self.assertRaises(EncMnistError):
                owner.wrap(self.key, self.folder / "two.pub", out, epoch=4)
            owner.wrap(self.key, self.folder / "two.pub", out, epoch=4, count=2)
            self.assertEqual(inspect(out).envelopes, 2)

    def test_passphrases(self):
        key = self.folder / "secret.pem"
        (self.folder / "pass").write_text("päss\n")
        run("out/native/enc_mnist", "owner-key", "--output", key, "--public",
            self.folder / "secret.pub", "--encrypt", "--passphrase-file",
            self.folder / "pass")
        for good in ("päss", lambda: "päss"):
            Owner(key, good).close()
        enc_mnist.make_owner(self.folder / "mine.pem", self.folder / "mine.pub",
                             "päss")
        Owner(self.folder / "mine.pem", "päss").close()
        with self.assertRaisesRegex(EncMnistError, "needs a passphrase"):
            Owner(self.folder / "mine.pem")
        with self.assertRaisesRegex(EncMnistError, "no passphrase was given"):
            enc_mnist.make_owner(self.folder / "no.pem", self.folder / "no.pub",
                                 lambda: None)
        self.assertFalse((self.folder / "no.pem").exists())
        with self.assertRaisesRegex(EncMnistError, "needs a passphrase"):
            Owner(key)
        with self.assertRaisesRegex(EncMnistError, "wrong"):
            Owner(key, "pass")
        for nothing in ("", lambda: None):
            with self.assertRaisesRegex(EncMnistError, "no passphrase"):
                Owner(key, nothing)
        with self.assertRaisesRegex(ValueError, "longer than"):
            Owner(key, "x" * 100000)
        with self.assertRaisesRegex(ValueError, "has a NUL"):
            Owner(key, "päss\0x")
        with self.assertRaises(ZeroDivisionError):
            Owner(key, lambda: 1 // 0)


class Package(InFolder):
    def test_the_version_is_the_librarys(self):
        for library in (enc_mnist._device._library(),
                        enc_mnist._owner._library()):
            self.assertEqual(library.call("version").decode(),
                             enc_mnist.__version__)

    def test_a_library_that_is_not_there(self):
        said = run("/usr/bin/python3", "-c", "import enc_mnist\n"
                   "try: enc_mnist.Session()\n"
                   "except OSError as e: print(e)",
                   env={"PYTHONPATH": "python", "ENC_MNIST_LIBRARY": "none"})
        self.assertRegex(said, "cannot load none: .* in ENC_MNIST_LIBRARY")

    def test_types(self):
        run("mypy", "--strict", "--cache-dir", self.folder, "-p", "enc_mnist",
            env={**os.environ, "MYPYPATH": "python"})
        user = self.folder / "user.py"
        user.write_text("from enc_mnist import Session\n"
                        "Session(7)\n")
        done = subprocess.run(
            ["mypy", "--strict", "--cache-dir", self.folder, user],
            env={**os.environ, "MYPYPATH": "python"}, text=True,
            stdout=subprocess.PIPE)
        self.assertIn("incompatible type \"int\"", done.stdout)

    def test_a_wheel(self):
        shutil.copytree("python", self.folder / "source")
        run("/usr/bin/python3", "-m", "pip", "wheel", "--no-index", "--no-deps",
            "--no-build-isolation", "--wheel-dir", self.folder,
            self.folder / "source")
        wheel, = self.folder.glob("*.whl")
        self.assertEqual(wheel.name, "enc_mnist-"
                         f"{enc_mnist.__version__}-py3-none-any.whl")
        venv = self.folder / "venv"
        run("/usr/bin/python3", "-m", "venv", "--system-site-packages", venv)
        run(venv / "bin/pip", "install", "--no-index", "--no-deps", wheel)
        environment = {name: value for name, value in os.environ.items()
                       if name != "PYTHONPATH"}
        said = run(venv / "bin/python", "-c",
                   "import enc_mnist, os; print(enc_mnist.__file__,"
                   "os.listdir(os.path.dirname(enc_mnist.__file__)));"
                   "print(enc_mnist.Network('models/mnist.bin').macs)",
                   env=environment)
        self.assertIn(f"{venv}/lib", said)
        self.assertIn("py.typed", said)
        self.assertIn("568880", said)
