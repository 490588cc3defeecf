# SPDX-License-Identifier: Apache-2.0
"""The owner's side: libencmnist-owner."""

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, Optional, Union

from ._device import Leaves
from ._library import (BOOL, ERROR, POINTER, SIZE, TEXT, U32, U64, Bytes, Handle,
                       Library, Path, given, optional_path, path_bytes, text,
                       unsigned)

Passphrase = Union[str, Callable[[], Optional[str]]]


class _Seal(ctypes.Structure):
    _fields_ = [("size", SIZE), ("model_id", TEXT), ("model_version", U32),
                ("security_version", U32), ("answers_per_load", U64),
                ("answers_in_life", U64), ("leaves", U32), ("amount", U32),
                ("labels", TEXT)]


_ASK = ctypes.CFUNCTYPE(BOOL, POINTER, POINTER, SIZE)

_SIGNATURES = (
    ("import_file", POINTER, (TEXT, ERROR)),
    ("import_memory", POINTER, (TEXT, SIZE, ERROR)),
    ("network_free", None, (POINTER,)),
    ("network_macs", U64, (POINTER,)),
    ("network_weights", U64, (POINTER,)),
    ("network_nodes", SIZE, (POINTER,)),
    ("owner_open", POINTER, (TEXT, POINTER, POINTER, ERROR)),
    ("owner_close", None, (POINTER,)),
    ("owner_fingerprint", TEXT, (POINTER,)),
    ("owner_make", BOOL, (TEXT, TEXT, ERROR)),
    ("model_key_make", BOOL, (TEXT, ERROR)),
    ("seal_file", BOOL, (POINTER, POINTER, TEXT, POINTER, TEXT, ERROR)),
    ("wrap_file", BOOL, (POINTER, TEXT, TEXT, SIZE, U32, U32, TEXT, ERROR)),
    ("inspect_file", POINTER, (TEXT, ERROR)),
    ("inspection_free", None, (POINTER,)),
    ("inspect_verdict", BOOL, (POINTER, TEXT, ERROR)),
    ("inspect_envelopes", SIZE, (POINTER,)),
    ("inspect_id", TEXT, (POINTER,)),
    ("inspect_version", U32, (POINTER,)),
    ("inspect_security_version", U32, (POINTER,)),
)


@cache
def _library() -> Library:
    return Library("libencmnist-owner.so.0", "ENC_MNIST_OWNER_LIBRARY",
                   _SIGNATURES)


def make_owner(private: Path, public: Path) -> None:
    """Makes an owner's key: two new files, the private one not encrypted."""
    _library().call("owner_make", path_bytes(private), path_bytes(public))


def make_model_key(file: Path) -> None:
    """Makes a model key: a new file that nobody else can read."""
    _library().call("model_key_make", path_bytes(file))


class Network(Handle):
    """A trained network: Network.load() reads it."""

    _kind = "network"

    @classmethod
    def load(cls, network: Union[Path, Bytes]) -> "Network":
        """TensorFlow Lite, ONNX, a Burn record, or of `enc_mnist import`."""
        function, *arguments = given("import", network)
        handle = _library().call(function, *arguments)
        return cls(_library(), handle, "network_free")

    @property
    def macs(self) -> int:
        """Multiply-accumulates of a sample."""
        return int(self._call("network_macs"))

    @property
    def weights(self) -> int:
        """Bytes of weights."""
        return int(self._call("network_weights"))

    @property
    def layers(self) -> int:
        return int(self._call("network_nodes"))


class Owner(Handle):
    """An owner's private key: a PEM file, or a `pkcs11:` URI of a token.

    passphrase: of the key, or the PIN of the token; or what is called for it,
    if one is needed, and returns None to give up.
    """

    _kind = "owner"

    def __init__(self, key: Path, passphrase: Optional[Passphrase] = None) -> None:
        raised: list[BaseException] = []

        # An exception cannot pass through the library.
        def ask(_: Any, to: int, room: int) -> bool:
            try:
                said = passphrase() if callable(passphrase) else passphrase
                if said is None:
                    return False
                secret = path_bytes(said, "the passphrase") + b"\0"
                if len(secret) > room:
                    raise ValueError("the passphrase is longer than "
                                     f"{room - 1} bytes")
                ctypes.memmove(to, secret, len(secret))
                return True
            except BaseException as e:
                raised.append(e)
                return False

        callback = _ASK(0) if passphrase is None else _ASK(ask)
        try:
            handle = _library().call("owner_open", path_bytes(key),
                                     ctypes.cast(callback, POINTER), None)
        except Exception:
            if raised:
                raise raised[0] from None
            raise
        super().__init__(_library(), handle, "owner_close")

    @property
    def fingerprint(self) -> str:
        """For people to compare."""
        return text(self._call("owner_fingerprint"))

    def seal(self, network: Network, model_key: Path, output: Path, *,
             model_id: str, model_version: int,
             security_version: int = 0, answers_per_load: int = 0,
             answers_in_life: int = 0, leaves: Optional[Leaves] = None,
             amount: int = 0, labels: Optional[Path] = None) -> None:
        """Seals the network to file `output`.

        model_key: its file. security_version: 0: that of the model.
        answers_*: 0: any number. leaves: None: the label of a classifier, or
        all outputs. amount: of TOP, 1 to 10, and SCORES, 1 to 24. labels: a
        file of class names, one a line.
        """
        seal = _Seal(
            ctypes.sizeof(_Seal), path_bytes(model_id, "model_id"),
            unsigned(model_version, 32, "model_version"),
            unsigned(security_version, 32, "security_version"),
            unsigned(answers_per_load, 64, "answers_per_load"),
            unsigned(answers_in_life, 64, "answers_in_life"),
            0 if leaves is None else Leaves(leaves),
            unsigned(amount, 32, "amount"), optional_path(labels))
        with network._mine() as net:
            self._seal(net, path_bytes(model_key), seal, path_bytes(output))

    def _seal(self, network: int, key: bytes, seal: _Seal, output: bytes) -> None:
        with self._mine() as owner:
            self._library.call("seal_file", network, owner, key,
                               ctypes.byref(seal), output)

    def wrap(self, model_key: Path, devices: Path, output: Path, *, epoch: int,
             count: int = 1, retired: int = 0) -> None:
        """Puts a model key into envelopes for devices.

        devices: a file with the public keys of `count` devices: whoever can
        slip a key into that file would get the model key, so compare
        fingerprints. epoch: from 1, above that of the devices' last envelope.
        retired: keys of epochs up to it are forgotten; 0: none.
        """
        self._call("wrap_file", path_bytes(model_key), path_bytes(devices),
                   unsigned(count, 32, "count"), unsigned(epoch, 32, "epoch"),
                   unsigned(retired, 32, "retired"), path_bytes(output))


class Inspection(NamedTuple):
    """What an intact, signed file is: a sealed model, or envelopes."""

    envelopes: int            # 0: it is a sealed model
    model_id: Optional[str]
    model_version: int
    security_version: int


def inspect(file: Path, owner: Optional[Path] = None) -> Inspection:
    """Reads a sealed model or envelopes, without any secret.

    Raises an error if it is neither, or not intact, not signed, or, with the
    file of an owner's public key, from another owner.
    """
    library = _library()
    at = library.call("inspect_file", path_bytes(file))
    try:
        library.call("inspect_verdict", at, optional_path(owner))
        name = library.call("inspect_id", at)
        return Inspection(library.call("inspect_envelopes", at),
                          None if name is None else text(name),
                          library.call("inspect_version", at),
                          library.call("inspect_security_version", at))
    finally:
        library.call("inspection_free", at)
