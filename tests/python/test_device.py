# SPDX-License-Identifier: Apache-2.0
"""The device's side of module enc_mnist: on the board, and on the stand-in."""
import gc
import os
import pathlib
import pickle
import signal
import tempfile
import threading
import unittest
from unittest import mock

import numpy as np

import enc_mnist
from enc_mnist import EncMnistError, Leaves, Refused, Session

folder = pathlib.Path(os.environ.get("FILES", ""))
digits = None


def setUpModule():
    global folder, digits
    # On the board, the owner has made the files before.
    if "FILES" not in os.environ:
        import owner_side
        temporary = tempfile.TemporaryDirectory()
        unittest.addModuleCleanup(temporary.cleanup)
        folder = pathlib.Path(temporary.name)
        with Session() as s:
            (folder / "device.pub").write_text(s.device_key().pem)
        owner_side.make(folder)
    with Session() as s:
        s.provision(folder / "key.envelope")
    digits = np.stack([np.fromfile(folder / f"{i}.bin", np.uint8)
                       .reshape(28, 28, 1) for i in range(10)])


def sealed(name):
    return folder / f"{name}.sealed"


class Models(unittest.TestCase):
    def test_a_model_says_what_it_is(self):
        with Session(sealed("digits")) as s:
            self.assertEqual((s.model_id, s.model_version, s.security_version),
                             ("digits", 3, 2))
            self.assertEqual([t.shape for t in s.inputs], [(28, 28, 1)])
            self.assertEqual([t.dtype for t in s.inputs], [np.uint8])
            self.assertEqual([t.shape for t in s.outputs], [(10,)])
            self.assertEqual((s.leaves, s.amount), (Leaves.LABEL, 0))
            self.assertEqual(len(s.labels), 10)
            self.assertEqual(s.labels[7], "seven")
        with Session(sealed("int8")) as s:
            self.assertEqual(s.inputs[0].dtype, np.int8)
            self.assertEqual(s.inputs[0].scale, 0.5)
            self.assertIsNone(s.labels)

    def test_a_model_comes_from_bytes(self):
        data = sealed("digits").read_bytes()
        for given in (data, bytearray(data), memoryview(data)):
            with Session(given) as s:
                self.assertEqual(s.run(digits[4]), 4)

    def test_a_load_that_fails_changes_nothing(self):
        data = bytearray(sealed("digits").read_bytes())
        data[300000] ^= 1
        with Session(sealed("top")) as s:
            with self.assertRaisesRegex(Refused, "not authentic"):
                s.load(data)
            with self.assertRaisesRegex(EncMnistError, "empty"):
                s.load(b"")
            for end in (1, 100, 1000, len(data) - 1):
                self.assertRaises(EncMnistError, s.load, data[:end])
            self.assertRaises(EncMnistError, s.load, os.urandom(5000))
            with self.assertRaisesRegex(EncMnistError, "none: cannot open"):
                s.load("none")
            self.assertEqual((s.model_id, s.amount), ("top", 3))
            self.assertEqual(s.run(digits[7])[0], 7)
            s.load(sealed("digits"))
            self.assertEqual((s.model_id, s.amount), ("digits", 0))
            self.assertEqual(s.run(digits[7]), 7)

    def test_what_is_no_path_is_refused(self):
        with self.assertRaisesRegex(ValueError, "NUL"):
            Session(str(sealed("digits")) + "\0.sealed")
        for given in (7, 1.5, ["x"], np.zeros(3)):
            self.assertRaises(TypeError, Session, given)
        with self.assertRaisesRegex(EncMnistError, "`no' is no UUID"):
            Session(ta="no")
        for wait in (-1, 1 << 32):
            with self.assertRaisesRegex(ValueError, "wait is from 0"):
                Session(wait=wait)


class Answers(unittest.TestCase):
    def test_labels(self):
        with Session(sealed("digits")) as s:
            y = s.run(digits)
            self.assertEqual((y.dtype, y.shape), (np.int64, (10,)))
            self.assertEqual(y.tolist(), list(range(10)))
            self.assertEqual(s.run(digits[3]), 3)
            many = np.tile(digits, (60, 1, 1, 1))
            self.assertEqual(s.run(many).tolist(), list(range(10)) * 60)

    def test_top(self):
        with Session(sealed("top")) as s:
            y = s.run(digits)
            self.assertEqual((y.dtype, y.shape), (np.int64, (10, 3)))
            self.assertEqual(y[:, 0].tolist(), list(range(10)))
            self.assertTrue(all(len(set(row)) == 3 for row in y.tolist()))
            self.assertEqual(s.run(digits[3]).tolist(), y[3].tolist())

    def test_scores_and_raw(self):
        with Session(sealed("scores")) as s, Session(sealed("raw")) as t:
            y, z = s.run(digits), t.run(digits)
        for a in (y, z):
            self.assertEqual((a.dtype, a.shape), (np.float32, (10, 10)))
            self.assertEqual(a.argmax(axis=1).tolist(), list(range(10)))
        self.assertFalse(np.array_equal(y, z))
        np.testing.assert_allclose(y, z, atol=2**-9)

    def test_int8(self):
        x = np.zeros((3, 4, 4, 1), np.int8)
        x[:, 0, :3, 0] = [[1, 2, 3], [9, -8, 7], [-128, 127, 0]]
        with Session(sealed("int8")) as s:
            y = s.run(x)
        self.assertEqual(y.dtype, np.int8)
        self.assertEqual(y.tolist(), x[:, 0, :3, 0].tolist())

    def test_two_inputs_and_two_outputs(self):
        a = np.array([[1, 2], [3, 4], [5, 6]], np.float32)
        b = np.array([[7, 8], [9, 10], [-1, 0.5]], np.float32)
        with Session(sealed("two")) as s:
            self.assertEqual((len(s.inputs), len(s.outputs)), (2, 2))
            y, z = s.run(a, b)
            np.testing.assert_array_equal(y, a + b)
            np.testing.assert_array_equal(z, a * b)
            y, z = s.run(a[1], b[1])
            self.assertEqual((y.tolist(), z.tolist()), ([12, 14], [27, 40]))
            for wrong in ((a,), (a, b, b)):
                with self.assertRaisesRegex(TypeError, "has 2 inputs"):
                    s.run(*wrong)
            for wrong in ((a, b[:2]), (a, b[0])):
                with self.assertRaisesRegex(ValueError, "numbers of samples"):
                    s.run(*wrong)

    def test_memory_in_any_order(self):
        a = np.arange(24, dtype=np.float32).reshape(2, 12)
        with Session(sealed("two")) as s:
            for x in (a[:, 3:5], a[:, ::-6], a.reshape(12, 2).T[:, :2].T,
                      np.asfortranarray(a[:, :2]), a[:, :2].astype(">f4")):
                y, _ = s.run(x, x)
                np.testing.assert_array_equal(y, x + x)

    def test_a_wrong_dtype_is_refused(self):
        x = np.zeros((4, 4, 1))
        with Session(sealed("int8")) as s:
            for wrong in (np.uint8, np.int16, np.float32, bool, object, "S1"):
                with self.assertRaisesRegex(TypeError, "input 0 is int8, not"):
                    s.run(x.astype(wrong))
        with Session(sealed("float")) as s:
            for wrong in (np.float64, np.float16, np.int8, np.complex64):
                with self.assertRaisesRegex(TypeError, "is float32, not"):
                    s.run(x.astype(wrong))

    def test_samples_that_are_no_numbers_get_no_label(self):
        with Session(sealed("float")) as s:
            x = np.full(s.inputs[0].shape, np.nan, np.float32)
            with self.assertRaisesRegex(EncMnistError, "look at the samples"):
                s.run(x)

    def test_a_wrong_shape_is_refused(self):
        with Session(sealed("digits")) as s:
            for wrong in ((28, 28), (2, 28, 28), (784,), (1, 784),
                          (2, 28, 28, 2), (1, 1, 28, 28, 1), (), (27, 28, 1)):
                with self.assertRaisesRegex(
                        ValueError, r"\(28, 28, 1\), or \(n, 28, 28, 1\)"):
                    s.run(np.zeros(wrong, np.uint8))
            with self.assertRaisesRegex(ValueError, "no samples"):
                s.run(np.zeros((0, 28, 28, 1), np.uint8))
            with self.assertRaisesRegex(TypeError, "has 1 inputs"):
                s.run()

    def test_without_a_model(self):
        with Session() as s:
            self.assertEqual((s.model_id, s.inputs, s.leaves, s.labels),
                             (None, (), None, None))
            with self.assertRaisesRegex(EncMnistError, "no model"):
                s.run(digits)
            self.assertRaises(EncMnistError, s.commit)


class Device(unittest.TestCase):
    def test_an_envelope_is_taken_once(self):
        with Session() as s:
            taken = s.provision((folder / "next.envelope").read_bytes())
            self.assertEqual((taken.epoch, len(taken.key_id)), (2, 32))
            with self.assertRaisesRegex(Refused, "security error"):
                s.provision(folder / "next.envelope")
            self.assertRaises(EncMnistError, s.provision, b"")
            self.assertRaises(EncMnistError, s.provision, sealed("digits"))
            status = s.status()
            self.assertEqual(status.epoch, 2)
            self.assertEqual([key.id for key in status.keys], [taken.key_id])

    def test_a_committed_model_is_not_gone_back_behind(self):
        with Session(sealed("rising-new")) as s:
            self.assertRaises(EncMnistError, s.commit)
            s.run(digits[:1])
            s.commit()
            with self.assertRaises(Refused):
                s.load(sealed("rising-old"))
            models = {m.id: m.security_version for m in s.status().models}
            self.assertEqual(models["rising"], 2)

    def test_a_device_says_what_it_is(self):
        with Session() as s:
            status, key = s.status(), s.device_key()
        self.assertIn("BEGIN PUBLIC KEY", key.pem)
        self.assertEqual(key.fingerprint, status.device)
        self.assertEqual(len(status.device_key), 64)
        self.assertEqual(len(status.owner), 79)
        self.assertEqual(status.ta, "ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744")
        self.assertIs(status.has_device_key, True)
        self.assertIs(status.production, False)
        self.assertIs(status.own_hardware_key, False)
        self.assertGreater(status.secure_memory, 1 << 20)

    def test_errors_travel(self):
        error = pickle.loads(pickle.dumps(Refused("what", "hint")))
        self.assertIsInstance(error, EncMnistError)
        self.assertEqual((str(error), error.hint), ("what; hint", "hint"))


class Life(unittest.TestCase):
    def test_a_closed_session_is_refused(self):
        s = Session(sealed("digits"))
        s.close()
        s.close()
        for use in (lambda: s.run(digits), lambda: s.load(sealed("digits")),
                    s.status, s.commit, s.device_key, lambda: s.provision(b"x")):
            with self.assertRaisesRegex(ValueError, "session is closed"):
                use()
        with self.assertRaisesRegex(ValueError, "session is closed"):
            with s:
                s.status()

    def test_a_session_is_closed_once(self):
        functions = enc_mnist._device._library()._functions
        close = functions["close"]
        spy = mock.Mock(wraps=close, argtypes=close.argtypes)
        with mock.patch.dict(functions, close=spy):
            s = Session(sealed("digits"))
            s.close()
            s.close()
            self.assertEqual(spy.call_count, 1)
            # One that nobody has any more.
            s = Session(sealed("digits"))
            s.itself = s
            del s
            gc.collect()
            self.assertEqual(spy.call_count, 2)
            # One whose model is refused, while its error is handled.
            try:
                Session(folder / "7.bin")
            except EncMnistError:
                self.assertEqual(spy.call_count, 3)
            self.assertEqual(spy.call_count, 3)

    def test_threads_share_a_session(self):
        wrong = []

        def work(turn):
            for i in range(20):
                if s.run(digits[(i + turn) % 10]) != (i + turn) % 10:
                    wrong.append((turn, i))

        with Session(sealed("digits")) as s:
            threads = [threading.Thread(target=work, args=(i,))
                       for i in range(4)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
        self.assertEqual(wrong, [])

    def test_closing_waits_for_other_threads(self):
        said = []
        running = threading.Event()

        def work():
            try:
                while True:
                    s.run(digits)
                    running.set()
            except ValueError as e:
                said.append(str(e))

        s = Session(sealed("digits"))
        t = threading.Thread(target=work)
        t.start()
        running.wait()
        s.close()
        t.join()
        self.assertEqual(said, ["the session is closed"])

    def test_a_handler_of_signals_does_not_wait_for_its_own_thread(self):
        said = []

        def handle(*_):
            for use in (s.close, s.status):
                try:
                    use()
                except RuntimeError as e:
                    said.append(str(e))

        def give_up(*_):
            raise TimeoutError("the handler waits")

        functions = enc_mnist._device._library()._functions
        run = functions["run"]

        def interrupted(*arguments):
            signal.raise_signal(signal.SIGUSR1)
            return run(*arguments)

        interrupted.argtypes = run.argtypes
        before = [(n, signal.signal(n, f)) for n, f in
                  ((signal.SIGUSR1, handle), (signal.SIGALRM, give_up))]
        try:
            with Session(sealed("digits")) as s:
                signal.alarm(10)
                with mock.patch.dict(functions, run=interrupted):
                    self.assertEqual(s.run(digits[5]), 5)
                self.assertEqual(s.run(digits[6]), 6)
        finally:
            signal.alarm(0)
            for number, handler in before:
                signal.signal(number, handler)
        self.assertEqual(len(said), 2)
        self.assertIn("in use by this thread", said[0])

    def test_a_child_does_not_have_its_parents_session(self):
        with Session(sealed("digits")) as s:
            pid = os.fork()
            if not pid:
                status = 1
                try:
                    s.run(digits)
                except RuntimeError as e:
                    status = 0 if "belongs to the process" in str(e) else 2
                finally:
                    s.close()
                    del s
                    gc.collect()
                    os._exit(status)
            self.assertEqual(os.waitpid(pid, 0)[1], 0)
            self.assertEqual(s.run(digits[5]), 5)

    def test_a_session_with_a_limit_answers(self):
        late = threading.Event()
        with Session(sealed("digits"), wait=600, late=lambda why: late.set()) as s:
            self.assertEqual(s.run(digits[5]), 5)
        self.assertFalse(late.is_set())
