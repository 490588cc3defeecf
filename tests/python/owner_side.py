# SPDX-License-Identifier: Apache-2.0
"""owner_side.py FOLDER: what the owner makes for the device whose public key is
in FOLDER/device.pub, and its tests."""
import pathlib
import shutil
import subprocess
import sys

from enc_mnist import Leaves, Network, Owner, make_model_key

OWNER = "out/owner/owner.pem"
NAMES = "zero one two three four five six seven eight nine".split()


def tiny(folder, kind):
    file = folder / f"{kind}.tflite"
    with open(file, "wb") as f:
        subprocess.run(["out/native/tools/tiny_tflite", kind], stdout=f,
                       check=True)
    return file


def make(folder):
    key = folder / "model.key"
    names = folder / "names"
    names.write_text("\n".join(NAMES))
    make_model_key(key)
    with Owner(OWNER) as owner:
        def seal(network, name, version=1, **options):
            with Network(network) as net:
                owner.seal(net, key, folder / f"{name}.sealed",
                           model_id=name.split("-")[0], model_version=version,
                           **options)

        digits = pathlib.Path("models/mnist.bin")
        seal(digits, "digits", 3, security_version=2, labels=names)
        seal(digits, "top", leaves=Leaves.TOP, amount=3)
        seal(digits, "scores", leaves=Leaves.SCORES, amount=12)
        seal(digits.read_bytes(), "raw", leaves=Leaves.RAW)
        seal(digits, "rising-old", 1)
        seal(digits, "rising-new", 2)
        seal(tiny(folder, "int8"), "int8", leaves=Leaves.RAW)
        seal(tiny(folder, "float"), "float")
        seal(tiny(folder, "two"), "two")
        owner.wrap(key, folder / "device.pub", folder / "key.envelope", epoch=1)
        owner.wrap(key, folder / "device.pub", folder / "next.envelope", epoch=2)
    for i in range(10):
        shutil.copy(f"samples/{i}.bin", folder)


if __name__ == "__main__":
    make(pathlib.Path(sys.argv[1]))
