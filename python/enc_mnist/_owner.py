# SPDX-License-Identifier: Apache-2.0
"""The owner's side: libencmnist-owner."""

import ctypes
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
                ("labels", TEXT), ("login", TEXT), ("progress", POINTER),
                ("context", POINTER)]


class _Allowed(ctypes.Structure):
    _fields_ = [("model_id", TEXT), ("security_version", U32)]


class _Wrap(ctypes.Structure):
    _fields_ = [("size", SIZE), ("epoch", U32), ("retired", U32),
                ("devices", ctypes.POINTER(TEXT)), ("device_files", SIZE),
                ("device_count", SIZE), ("fingerprints", ctypes.POINTER(TEXT)),
                ("fingerprint_count", SIZE), ("models", ctypes.POINTER(_Allowed)),
                ("model_count", SIZE), ("ta", TEXT)]


_ASK = ctypes.CFUNCTYPE(BOOL, POINTER, TEXT, TEXT, POINTER, SIZE)

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
    ("owner_publish", BOOL, (POINTER, TEXT, ERROR)),
    ("owner_make", BOOL, (TEXT, TEXT, POINTER, POINTER, ERROR)),
    ("model_key_make", POINTER, (TEXT, ERROR)),
    ("model_key_open", POINTER, (TEXT, ERROR)),
    ("model_key_close", None, (POINTER,)),
    ("model_key_id", TEXT, (POINTER,)),
    ("seal_file", BOOL, (POINTER, POINTER, POINTER, POINTER, TEXT, ERROR)),
    ("wrap_file", BOOL, (POINTER, POINTER, POINTER, TEXT, ERROR)),
    ("inspect_file", POINTER, (TEXT, ERROR)),
    ("inspection_free", None, (POINTER,)),
    ("inspect_verdict", BOOL, (POINTER, TEXT, ERROR)),
    ("inspect_envelopes", SIZE, (POINTER,)),
    ("inspect_id", TEXT, (POINTER,)),
    ("inspect_version", U32, (POINTER,)),
    ("inspect_security_version", U32, (POINTER,)),
    ("inspect_device", TEXT, (POINTER, SIZE)),
)


@cache
def _library() -> Library:
    return Library("libencmnist-owner.so.0", "ENC_MNIST_OWNER_LIBRARY",
                   _SIGNATURES)


@contextmanager
def _asking(passphrase: Optional[Passphrase]) -> Iterator[Any]:
    """What a library calls for a passphrase; raises what that has raised."""
    raised: list[BaseException] = []

    # An exception cannot pass through the library.
    def ask(_: Any, what: bytes, of: bytes, to: int, room: int) -> bool:
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
        yield ctypes.cast(callback, POINTER)
    except Exception:
        if raised:
            raise raised[0] from None
        raise


def make_owner(private: Path, public: Path,
               passphrase: Optional[Passphrase] = None) -> None:
    """Makes an owner's key: two new files, which nobody else can read.

    passphrase: what the private one is encrypted under; None: it is not.
    """
    with _asking(passphrase) as ask:
        _library().call("owner_make", path_bytes(private), path_bytes(public),
                        ask, None)


@contextmanager
def _model_key(function: str, file: Path) -> Iterator[int]:
    library = _library()
    key = library.call("model_key_" + function, path_bytes(file))
    try:
        yield key
    finally:
        library.call("model_key_close", key)


def make_model_key(file: Path) -> str:
    """Makes a model key: a new file that nobody else can read. Returns its id."""
    with _model_key("make", file) as key:
        return text(_library().call("model_key_id", key))


class Network(Handle):
    """A trained network: a path, or the bytes of a file.

    TensorFlow Lite, ONNX, a Burn record, or what `enc_mnist import` wrote: that
    makes a network read pixels.
    """

    _kind = "network"

    def __init__(self, network: Union[Path, Bytes]) -> None:
        function, *arguments = given("import", network)
        handle = _library().call(function, *arguments)
        super().__init__(_library(), handle, "network_free")

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
        with _asking(passphrase) as ask:
            handle = _library().call("owner_open", path_bytes(key), ask, None)
        super().__init__(_library(), handle, "owner_close")

    @property
    def fingerprint(self) -> str:
        """For people to compare."""
        return text(self._call("owner_fingerprint"))

    def publish(self, file: Path) -> None:
        """Writes the public key to a new file."""
        self._call("owner_publish", path_bytes(file))

    def seal(self, network: Network, model_key: Path, output: Path, *,
             model_id: str, model_version: int,
             security_version: int = 0, answers_per_load: int = 0,
             answers_in_life: int = 0, leaves: Optional[Leaves] = None,
             amount: int = 0, labels: Optional[Path] = None,
             login: Optional[str] = None) -> None:
        """Seals the network to file `output`.

        model_key: its file. security_version: 0: the model version.
        answers_*: 0: any number. leaves: None: the label of a classifier, or
        all outputs. amount: of TOP, 1 to 32, and SCORES, 1 to 24. labels: a
        file of class names, one a line. login: who may use it: "user:UID",
        "group:GID" or "application:UUID"; None: anybody.
        """
        seal = _Seal(
            ctypes.sizeof(_Seal), path_bytes(model_id, "model_id"),
            unsigned(model_version, 32, "model_version"),
            unsigned(security_version, 32, "security_version"),
            unsigned(answers_per_load, 64, "answers_per_load"),
            unsigned(answers_in_life, 64, "answers_in_life"),
            0 if leaves is None else Leaves(leaves),
            unsigned(amount, 32, "amount"), optional_path(labels, "labels"),
            optional_path(login, "login"))
        if not isinstance(network, Network):
            raise TypeError("the network is a Network, not "
                            f"{type(network).__name__}: Network(file) reads it")
        with network._mine() as net, self._mine() as owner, \
                _model_key("open", model_key) as key:
            self._library.call("seal_file", net, owner, key,
                               ctypes.byref(seal), path_bytes(output))

    def wrap(self, model_key: Optional[Path],
             devices: Union[Path, Sequence[Path]], output: Path, *, epoch: int,
             count: int = 0, retired: int = 0,
             fingerprints: Sequence[str] = (),
             models: Optional[Mapping[str, int]] = None,
             ta: Optional[str] = None) -> None:
        """Puts a model key into envelopes for devices.

        model_key: None: the envelopes bring none. devices: files of public
        keys, of `count` devices, or, with 0, of one each: whoever can slip a
        key into such a file would get the model key, so compare fingerprints;
        with `fingerprints`, all of them have to match. epoch: from 1, above
        that of the devices' last envelope. retired: keys of epochs up to it
        are forgotten; 0: none. models: ids that the devices may load, with
        their lowest security versions; None: any of the owner. ta: UUID of the
        devices' TA; None: the default.
        """
        if isinstance(devices, (str, os.PathLike)):
            devices = [devices]
        files = [path_bytes(f) for f in devices]
        if isinstance(fingerprints, str):
            fingerprints = [fingerprints]
        prints = [path_bytes(f, "a fingerprint") for f in fingerprints]
        allowed = [_Allowed(path_bytes(name, "a model id"),
                            unsigned(version, 32, "a security version"))
                   for name, version in (models or {}).items()]
        wrap = _Wrap(
            ctypes.sizeof(_Wrap), unsigned(epoch, 32, "epoch"),
            unsigned(retired, 32, "retired"),
            (TEXT * len(files))(*files), len(files),
            unsigned(count, 32, "count"),
            (TEXT * len(prints))(*prints), len(prints),
            (_Allowed * len(allowed))(*allowed), len(allowed),
            optional_path(ta, "ta"))
        with self._mine() as owner:
            if model_key is None:
                self._wrap(owner, None, wrap, output)
                return
            with _model_key("open", model_key) as key:
                self._wrap(owner, key, wrap, output)

    def _wrap(self, owner: int, key: Optional[int], wrap: _Wrap,
              output: Path) -> None:
        self._library.call("wrap_file", owner, key, ctypes.byref(wrap),
                           path_bytes(output))


class Inspection(NamedTuple):
    """What an intact, signed file is: a sealed model, or envelopes."""

    envelopes: int            # 0: it is a sealed model
    model_id: Optional[str]
    model_version: int
    security_version: int
    devices: tuple[str, ...]  # fingerprints: whom the envelopes are for


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
        count = library.call("inspect_envelopes", at)
        return Inspection(count, None if name is None else text(name),
                          library.call("inspect_version", at),
                          library.call("inspect_security_version", at),
                          tuple(text(library.call("inspect_device", at, n))
                                for n in range(count)))
    finally:
        library.call("inspection_free", at)
