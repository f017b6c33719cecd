"""Fashion-MNIST in PyTorch as its users write it: prints seconds as JSON.

usage: torch_epoch.py FOLDER EPOCHS THREADS loader|tensors WORKERS [fused] [bf16] [compile]

The network and its training are those of examples/fashion-mnist.toml. `loader` reads
rows through a Dataset and a DataLoader, with the transform that torchvision's users
write (to a tensor in 0…1, then normalized); `tensors` has the whole data set
pre-processed in one tensor and indexes it. The clock starts after `import torch`.
"""

import gzip
import json
import pathlib
import sys
import time

import numpy
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split

BATCH, VALIDATION = 128, 3000


def idx(path):
    """The array in an IDX file: a magic number that ends with the rank, sizes, bytes."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        data = file.read()
    sizes = numpy.frombuffer(data, ">i4", data[3], 4)
    return torch.from_numpy(numpy.frombuffer(data, "u1", offset=4 + 4 * data[3]).reshape(sizes).copy())


def read(folder, part):
    """Images and labels of one part."""
    names = [f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"]
    return [idx(next(pathlib.Path(folder).glob(f"{name}*"))) for name in names]


class Images(Dataset):
    """One image at a time, through a transform."""

    def __init__(self, images, labels, mean):
        self.images, self.labels, self.mean = images, labels, mean

    def __len__(self):
        return len(self.images)

    def __getitem__(self, row):
        image = self.images[row].to(torch.float32).div(255)  # ToTensor
        return image.flatten().sub(self.mean), int(self.labels[row])  # Normalize


class Tensors:
    """Batches of rows that are pre-processed in memory, in a new order each time."""

    def __init__(self, x, y, shuffle):
        self.x, self.y, self.shuffle = x, y, shuffle

    def __iter__(self):
        rows = len(self.x)
        order = torch.randperm(rows) if self.shuffle else torch.arange(rows)
        for part in order.split(BATCH):
            yield self.x[part], self.y[part]


def batches(folder, kind, workers):
    """Training, validation and test batches."""
    (images, labels), (test, test_labels) = read(folder, "train"), read(folder, "t10k")
    mean = images.float().mean(0).flatten() / 255
    if kind == "loader":
        train, validation = random_split(
            Images(images, labels, mean), [len(images) - VALIDATION, VALIDATION]
        )
        keep = {"batch_size": BATCH, "num_workers": workers, "persistent_workers": workers > 0}
        return (
            DataLoader(train, shuffle=True, **keep),
            DataLoader(validation, **keep),
            DataLoader(Images(test, test_labels, mean), **keep),
        )
    prepared = lambda part: part.flatten(1).float() / 255 - mean
    x, y, order = prepared(images), labels.long(), torch.randperm(len(images))
    train, validation = order[VALIDATION:], order[:VALIDATION]
    return (
        Tensors(x[train], y[train], True),
        Tensors(x[validation], y[validation], False),
        Tensors(prepared(test), test_labels.long(), False),
    )


def accuracy(model, data, bf16):
    """Of the rows given."""
    right = total = 0
    model.eval()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        for x, y in data:
            right += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    model.train()
    return right / total


def main():
    """Reads, trains, prints."""
    folder, epochs, threads, kind, workers, *modes = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    start = time.perf_counter()
    train, validation, test = batches(folder, kind, int(workers))
    model = nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Dropout(0.2),
        nn.Linear(512, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 10),
    )
    forward = torch.compile(model) if "compile" in modes else model
    fused = True if "fused" in modes else None
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, fused=fused)
    steps = int(epochs) * -(-57_000 // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    loss_of, bf16, times = nn.CrossEntropyLoss(), "bf16" in modes, []
    for _ in range(int(epochs)):
        for x, y in train:
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                loss = loss_of(forward(x), y)
            loss.backward()
            optimizer.step()
            schedule.step()
        accuracy(model, validation, bf16)
        times.append(time.perf_counter() - start)
    tested = accuracy(model, test, bf16)
    print(json.dumps({"epochs": times, "seconds": time.perf_counter() - start, "test": tested}))


if __name__ == "__main__":
    main()
