# SPDX-License-Identifier: Apache-2.0
"""A device's side: libencmnist."""

import ctypes
import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, Optional, Union

import numpy as np
import numpy.typing as npt

from ._library import (BOOL, ERROR, INT, POINTER, SIZE, TEXT, U32, U64, Bytes,
                       EncMnistError, Handle, Library, Path, given,
                       optional_path, text, unsigned)

Array = npt.NDArray[Any]


class _Options(ctypes.Structure):
    _fields_ = [("size", SIZE), ("ta", TEXT), ("wait", ctypes.c_uint),
                ("late", POINTER), ("context", POINTER)]


class _Taken(ctypes.Structure):
    _fields_ = [("size", SIZE), ("epoch", U32),
                ("key_id", ctypes.c_char * 33)]


_LATE = ctypes.CFUNCTYPE(None, POINTER, POINTER)

_SIGNATURES = (
    ("open", BOOL, (POINTER, POINTER, ERROR)),
    ("close", None, (POINTER,)),
    ("load_file", BOOL, (POINTER, TEXT, ERROR)),
    ("load_memory", BOOL, (POINTER, TEXT, SIZE, ERROR)),
    ("model_id", TEXT, (POINTER,)),
    ("model_version", U32, (POINTER,)),
    ("security_version", U32, (POINTER,)),
    ("inputs", SIZE, (POINTER,)),
    ("outputs", SIZE, (POINTER,)),
    ("input", POINTER, (POINTER, SIZE)),
    ("output", POINTER, (POINTER, SIZE)),
    ("tensor_type", INT, (POINTER,)),
    ("tensor_rank", SIZE, (POINTER,)),
    ("tensor_dim", SIZE, (POINTER, SIZE)),
    ("tensor_scale", ctypes.c_float, (POINTER,)),
    ("tensor_zero_point", ctypes.c_int32, (POINTER,)),
    ("leaves", INT, (POINTER,)),
    ("leaves_amount", U32, (POINTER,)),
    ("classes", SIZE, (POINTER,)),
    ("class_name", TEXT, (POINTER, SIZE)),
    ("answer_bytes", SIZE, (POINTER,)),
    ("run", BOOL, (POINTER, POINTER, SIZE, POINTER, ERROR)),
    ("commit", BOOL, (POINTER, ERROR)),
    ("device_key", BOOL, (POINTER, POINTER, POINTER, ERROR)),
    ("provision_file", BOOL, (POINTER, TEXT, POINTER, ERROR)),
    ("provision_memory", BOOL, (POINTER, TEXT, SIZE, POINTER, ERROR)),
    ("get_status", BOOL, (POINTER, POINTER, ERROR)),
    ("status_free", None, (POINTER,)),
    ("status_fact", INT, (POINTER, INT)),
    ("status_number", U64, (POINTER, INT)),
    ("status_text", TEXT, (POINTER, INT)),
    ("status_key", TEXT, (POINTER, SIZE, POINTER)),
    ("status_model", TEXT, (POINTER, SIZE, POINTER, POINTER)),
)


@cache
def _library() -> Library:
    return Library("libencmnist.so.0", "ENC_MNIST_LIBRARY", _SIGNATURES)


# --- Models ------------------------------------------------------------------


class Leaves(enum.IntEnum):
    """What the owner lets out of the TEE."""

    LABEL = 1   # the index of the largest value
    TOP = 2     # those of the N largest ones, in their order
    SCORES = 3  # outputs as floats, rounded to N bits
    RAW = 4     # outputs, of their types


class Tensor(NamedTuple):
    """An input or an output; shape: of one sample."""

    dtype: "np.dtype[Any]"
    shape: tuple[int, ...]
    scale: float     # of int8: value = (q - zero_point) * scale; else 0
    zero_point: int


_TYPES = {1: np.float32, 2: np.int8, 3: np.uint8, 4: np.int32}


class _Model(NamedTuple):
    id: Optional[str]
    version: int
    security_version: int
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    leaves: Optional[Leaves]
    amount: int
    labels: Optional[tuple[str, ...]]
    answer_bytes: int


def _tensor(library: Library, at: int) -> Tensor:
    rank = library.call("tensor_rank", at)
    return Tensor(np.dtype(_TYPES[library.call("tensor_type", at)]),
                  tuple(library.call("tensor_dim", at, d) for d in range(rank)),
                  library.call("tensor_scale", at),
                  library.call("tensor_zero_point", at))


def _describe(library: Library, session: int) -> _Model:
    """A copy: what belongs to the session does not outlive the model."""
    def of(function: str, *arguments: Any) -> Any:
        return library.call(function, session, *arguments)

    model_id = of("model_id")
    names = [of("class_name", i) for i in range(of("classes"))]
    return _Model(
        model_id and text(model_id), of("model_version"), of("security_version"),
        tuple(_tensor(library, of("input", i)) for i in range(of("inputs"))),
        tuple(_tensor(library, of("output", i)) for i in range(of("outputs"))),
        Leaves(of("leaves")) if of("leaves") else None, of("leaves_amount"),
        tuple(map(text, names)) if names and None not in names else None,
        of("answer_bytes"))


# --- Samples and answers -----------------------------------------------------


def _words(shape: Sequence[object]) -> str:
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def _batch(x: npt.ArrayLike, of: Tensor, name: str) -> tuple[Array, bool]:
    """Samples (n, *shape) of the input, and whether x is a single one."""
    a = np.asarray(x)
    if not np.can_cast(a.dtype, of.dtype, "equiv"):
        raise TypeError(f"{name} is {of.dtype}, not {a.dtype}: convert it, so "
                        "that its values are what the network was trained for")
    single = a.shape == of.shape
    if not single and a.shape[1:] != of.shape:
        raise ValueError(f"{name}: the shape is {_words(of.shape)}, or "
                         f"{_words(('n', *of.shape))} for n samples, not "
                         f"{_words(a.shape)}")
    return a.astype(of.dtype, copy=False).reshape(-1, *of.shape), single


def _join(inputs: Sequence[npt.ArrayLike],
          of: Sequence[Tensor]) -> tuple[Array, bool]:
    """Bytes (n, sample), as the library wants them: input after input."""
    if len(inputs) != len(of):
        raise TypeError(f"the model has {len(of)} inputs, not {len(inputs)}")
    batches = [_batch(x, t, f"input {i}")
               for i, (x, t) in enumerate(zip(inputs, of))]
    counts = {(len(a), single) for a, single in batches}
    if len(counts) != 1:
        raise ValueError("the inputs have different numbers of samples: " +
                         ", ".join(str(len(a)) for a, _ in batches))
    n, single = counts.pop()
    if n == 0:
        raise ValueError("there are no samples")
    rows = [np.ascontiguousarray(a).reshape(n, -1).view(np.uint8)
            for a, _ in batches]
    return np.concatenate(rows, axis=1), single


def _split(answers: Array, model: _Model) -> tuple[Array, ...]:
    """Answers (n, bytes), as the owner lets them out."""
    n = len(answers)
    if model.leaves == Leaves.LABEL:
        return (answers.view(np.uint32).astype(np.int64).reshape(n),)
    if model.leaves == Leaves.TOP:
        return (answers.view(np.uint32).astype(np.int64),)
    outputs = []
    at = 0
    for t in model.outputs:
        dtype = (np.dtype(np.float32) if model.leaves == Leaves.SCORES
                 else t.dtype)
        end = at + dtype.itemsize * int(np.prod(t.shape))
        part = np.ascontiguousarray(answers[:, at:end])
        outputs.append(part.view(dtype).reshape(n, *t.shape))
        at = end
    return tuple(outputs)


# --- The device --------------------------------------------------------------


class DeviceKey(NamedTuple):
    """A device's public key, for the owner."""

    pem: str
    fingerprint: str


class Taken(NamedTuple):
    """An envelope that the TA has taken; key_id: "" without a key."""

    epoch: int
    key_id: str


class KeyEntry(NamedTuple):
    """A model key of the device."""

    id: str
    epoch: int


class ModelEntry(NamedTuple):
    """What the device keeps of a model."""

    id: str
    security_version: int
    answers: int


@dataclass(frozen=True)
class Status:
    """What the TA says of itself and its device. None: nobody can tell."""

    ta: str
    ta_version: int
    owner: str                 # fingerprint
    owner_key: str             # in hexadecimal
    device: Optional[str]      # fingerprint; None: it has no key yet
    device_key: Optional[str]
    epoch: int
    epoch_floor: int
    security_version_floor: int
    secure_memory: int
    keys: tuple[KeyEntry, ...]
    models: tuple[ModelEntry, ...]
    production: Optional[bool]
    own_signing_key: Optional[bool]
    own_hardware_key: Optional[bool]
    rollback_protected: Optional[bool]
    only_listed_models: Optional[bool]
    has_device_key: Optional[bool]
    kit_signing_key: Optional[bool]
    has_rpmb: Optional[bool]


# As the enums of encmnist.h count them, from 1.
_FACTS = ("production", "own_signing_key", "own_hardware_key",
          "rollback_protected", "only_listed_models", "has_device_key",
          "kit_signing_key", "has_rpmb")
_NUMBERS = ("ta_version", "epoch", "epoch_floor", "security_version_floor",
            "secure_memory", "keys", "models")
_TEXTS = ("ta", "owner", "owner_key", "device", "device_key")


def _status(library: Library, at: ctypes.c_void_p) -> Status:
    fields: dict[str, Any] = {}
    for i, name in enumerate(_NUMBERS, 1):
        fields[name] = library.call("status_number", at, i)
    for i, name in enumerate(_TEXTS, 1):
        said = library.call("status_text", at, i)
        fields[name] = None if said is None else text(said)
    for i, name in enumerate(_FACTS, 1):
        fact = library.call("status_fact", at, i)
        fields[name] = None if fact < 0 else bool(fact)

    def key(i: int) -> KeyEntry:
        epoch = U32()
        name = library.call("status_key", at, i, ctypes.byref(epoch))
        return KeyEntry(text(name), epoch.value)

    def model(i: int) -> ModelEntry:
        version, answers = U32(), U64()
        name = library.call("status_model", at, i, ctypes.byref(version),
                            ctypes.byref(answers))
        return ModelEntry(text(name), version.value, answers.value)

    fields["keys"] = tuple(map(key, range(fields["keys"])))
    fields["models"] = tuple(map(model, range(fields["models"])))
    return Status(**fields)


# --- Sessions ----------------------------------------------------------------


class Session(Handle):
    """A session with the TA, and the model that it has loaded.

    model: a path, or the bytes of a sealed model. ta: UUID of the TA; None: the
    one of the library. late: is called, once, on another thread, when a call
    into the TEE has not returned after `wait` seconds, and as many more as
    computing may take, with an error that says what is likely. Nothing but the
    end of the process ends such a call, as os._exit() does: what late() raises,
    SystemExit too, is printed and ignored. It must not use the session.
    """

    _kind = "session"

    def __init__(self, model: Union[Path, Bytes, None] = None, *,
                 ta: Optional[str] = None, wait: int = 0,
                 late: Optional[Callable[[EncMnistError], None]] = None
                 ) -> None:
        library = _library()
        # Before anything can fail: it lives as long as the session.
        self._late = _LATE(
            lambda _, why: late(library.error(why)) if late else None)
        options = _Options(ctypes.sizeof(_Options), optional_path(ta, "ta"),
                           unsigned(wait, 32, "wait"),
                           ctypes.cast(self._late, POINTER), None)
        session = ctypes.c_void_p()
        library.call("open", ctypes.byref(options), ctypes.byref(session))
        assert session.value
        super().__init__(library, session.value, "close")
        self._model = _describe(library, session.value)
        if model is not None:
            try:
                self.load(model)
            except BaseException:
                self.close()
                raise

    def load(self, model: Union[Path, Bytes]) -> None:
        """Loads a model. If that fails, the session has the one that it had."""
        function, *arguments = given("load", model)
        with self._mine() as session:
            try:
                self._library.call(function, session, *arguments)
            finally:
                self._model = _describe(self._library, session)

    @property
    def model_id(self) -> Optional[str]:
        """None: no model, or one of enc_mnist-rs."""
        return self._model.id

    @property
    def model_version(self) -> int:
        return self._model.version

    @property
    def security_version(self) -> int:
        return self._model.security_version

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        return self._model.inputs

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Of the network; `leaves` says what comes out of the TEE."""
        return self._model.outputs

    @property
    def leaves(self) -> Optional[Leaves]:
        return self._model.leaves

    @property
    def amount(self) -> int:
        """The N of TOP and SCORES, else 0."""
        return self._model.amount

    @property
    def labels(self) -> Optional[tuple[str, ...]]:
        """Names of classes, if the model has them."""
        return self._model.labels

    def run(self, *inputs: npt.ArrayLike) -> Union[Array, tuple[Array, ...]]:
        """Answers samples: an array for each input, of its dtype.

        The arrays have the shape of a sample, or (n, *shape) for n samples. For
        n samples, the answer is int64 (n,) for LABEL, (n, N) for TOP, and else
        (n, *shape) for an output, and a tuple of those for several outputs. For
        a single sample, it lacks the n.
        """
        with self._mine() as session:
            model = self._model
            if not model.inputs:
                raise EncMnistError("no model has been loaded")
            samples, single = _join(inputs, model.inputs)
            answers = np.empty((len(samples), model.answer_bytes), np.uint8)
            self._library.call("run", session, samples.ctypes.data,
                               len(samples), answers.ctypes.data)
        outputs = _split(answers, model)
        if single:
            outputs = tuple(a[0] for a in outputs)
        return outputs[0] if len(outputs) == 1 else outputs

    def commit(self) -> None:
        """Keeps the device from going back behind the model, for ever.

        The model must have answered in this session.
        """
        self._call("commit")

    def device_key(self) -> DeviceKey:
        """The device's public key. The first call makes the key."""
        pem, fingerprint = ctypes.c_void_p(), ctypes.c_void_p()
        self._call("device_key", ctypes.byref(pem), ctypes.byref(fingerprint))
        try:
            return DeviceKey(text(ctypes.string_at(pem.value or 0)),
                             text(ctypes.string_at(fingerprint.value or 0)))
        finally:
            self._library.call("free", pem)
            self._library.call("free", fingerprint)

    def provision(self, envelopes: Union[Path, Bytes]) -> Taken:
        """Finds this device's envelope, and hands it to the TA."""
        taken = _Taken(ctypes.sizeof(_Taken))
        function, *arguments = given("provision", envelopes)
        self._call(function, *arguments, ctypes.byref(taken))
        return Taken(taken.epoch, text(taken.key_id))

    def status(self) -> Status:
        """What the TA says of itself and its device."""
        at = ctypes.c_void_p()
        self._call("get_status", ctypes.byref(at))
        try:
            return _status(self._library, at)
        finally:
            self._library.call("status_free", at)
