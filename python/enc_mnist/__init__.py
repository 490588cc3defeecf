# SPDX-License-Identifier: Apache-2.0
"""Sealed neural networks in a Trusted Application (TA) of OP-TEE.

On a device, with libencmnist:

    with Session("kws.sealed") as s:
        y = s.run(x)

On the workstation of a network's owner, with libencmnist-owner:

    with Owner("owner.pem") as owner, Network("kws.tflite") as net:
        owner.seal(net, "model.key", "kws.sealed", model_id="kws",
                   model_version=1)

The libraries are loaded when they are first needed. ENC_MNIST_LIBRARY and
ENC_MNIST_OWNER_LIBRARY name other files than the system's.

A call into the libraries does not end before they return: not by Ctrl-C, either.
Meanwhile other threads run. An object may be used by any thread; while one uses
it, others wait. A handler of signals that interrupts a call cannot use its object:
that is a RuntimeError. A process that fork() made cannot use the objects of its
parent.
"""

from ._device import (DeviceKey, KeyEntry, Leaves, ModelEntry, Session, Status,
                      Taken, Tensor)
from ._library import (VERSION, EncMnistError, NotForDevice, Refused,
                       StorageError, TryAgain)
from ._owner import (Inspection, Network, Owner, inspect, make_model_key,
                     make_owner)

__version__ = VERSION

__all__ = [
    "DeviceKey", "EncMnistError", "Inspection", "KeyEntry", "Leaves",
    "ModelEntry", "Network", "NotForDevice", "Owner", "Refused", "Session",
    "Status", "StorageError", "Taken", "Tensor", "TryAgain", "inspect",
    "make_model_key", "make_owner",
]
