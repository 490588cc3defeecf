#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains LeNet-5 on MNIST with PyTorch, and exports it to ONNX.

Needs Debian's python3-torch, and the files of MNIST that train/fetch gets.
"""
import argparse
import os

# More threads round sums in another order. To be set before torch is there.
os.environ['OMP_NUM_THREADS'] = '1'
import torch
from torch import nn
from torch.nn.functional import cross_entropy

BATCH = 128
HERE = os.path.dirname(os.path.abspath(__file__))


def lenet():
    """From pixels / 255, (n, 1, 28, 28), to scores, (n, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(),
        nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10))


def read_idx(path):
    with open(path, 'rb') as file:
        data = bytearray(file.read())
    sizes = torch.frombuffer(data, dtype=torch.uint8, offset=4,
                             count=4 * data[3]).reshape(-1, 4).tolist()
    return torch.frombuffer(
        data, dtype=torch.uint8, offset=4 + 4 * data[3]).reshape(
            [int.from_bytes(size, 'big') for size in sizes])


def load(folder, name):
    images = read_idx(f'{folder}/{name}-images-idx3-ubyte')
    labels = read_idx(f'{folder}/{name}-labels-idx1-ubyte')
    return images[:, None].float() / 255, labels.long()


def train(net, images, labels, epochs):
    optimiser = torch.optim.Adam(net.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, 0.005, epochs=epochs, steps_per_epoch=-(-len(images) // BATCH))
    for epoch in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(images)).split(BATCH):
            # digits have a border of four pixels
            shift = torch.randint(-2, 3, (2,)).tolist()
            scores = net(images[batch].roll(shift, (2, 3)))
            loss = cross_entropy(scores, labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(f'epoch {epoch + 1}: loss {total / len(images):.4f}', flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    options.add_argument('--data', default='downloads/mnist',
                         help='folder of the IDX files (%(default)s)')
    options.add_argument('--epochs', type=int, default=20)
    options.add_argument('--seed', type=int, default=1)
    options.add_argument('--output', default=f'{HERE}/lenet.onnx')
    args = options.parse_args()
    torch.manual_seed(args.seed)
    torch.use_deterministic_algorithms(True)
    net = lenet()
    train(net, *load(args.data, 'train'), args.epochs)
    images, labels = load(args.data, 't10k')
    with torch.no_grad():
        right = (net(images).argmax(1) == labels).sum().item()
    print(f'{right} of {len(labels)} test images are right')
    torch.onnx.export(net, images[:1], args.output,
                      input_names=['image'], output_names=['scores'])


main()
