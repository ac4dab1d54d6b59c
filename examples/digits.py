"""Trains a small convolutional network on real handwritten digits, and shows what it learned.

The data: 1,797 digits of 8x8 pixels that scikit-learn ships (Alpaydin and Kaynak, UCI, 1998).
A fifth is held out. Prints loss and held-out accuracy per epoch, writes a picture with the loss
curve and test digits, and exits with status 1 if the accuracy is below --expect.
"""

import argparse
import sys
import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from sklearn.datasets import load_digits
from torch.autograd import Variable
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm


class Net(nn.Module):
    """Two 3x3 convolutions, one pooling, two linear layers; (n, 1, 8, 8) -> (n, 10)."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc1 = nn.Linear(32 * 4 * 4, 64)
        self.fc2 = nn.Linear(64, 10)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(x.size(0), -1)
        x = F.relu(self.fc1(self.dropout(x)))
        return F.log_softmax(self.fc2(x))


def load(seed):
    """Two datasets of (picture (1, 8, 8), digit): one to learn from, one held out."""
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.target))
    images = (digits.images[order, None] / 16).astype("float32")
    targets = digits.target[order].astype("int64")
    held_out = len(order) // 5
    return (
        TensorDataset(torch.from_numpy(images[held_out:]), torch.from_numpy(targets[held_out:])),
        TensorDataset(torch.from_numpy(images[:held_out]), torch.from_numpy(targets[:held_out])),
    )


def train(model, optimizer, batches):
    """One pass over the batches; returns the loss of each."""
    model.train()
    losses = []
    for data, target in batches:
        optimizer.zero_grad()
        loss = F.nll_loss(model(Variable(data)), Variable(target))
        loss.backward()
        optimizer.step()
        losses.append(loss.data[0])
        batches.set_postfix(loss=f"{losses[-1]:.4f}", refresh=False)
    return losses


def predict(model, data):
    """The most likely digit of each picture, (n,)."""
    model.eval()
    return model(Variable(data, volatile=True)).data.max(1)[1].view(-1)


def draw(path, losses, batches_per_epoch, accuracies, held_out, predicted):
    """Saves the loss curve above a grid of held-out digits; mistakes come first, in red."""
    figure = plt.figure(figsize=(10, 11), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[1, 1.3])
    axes = top.subplots()
    epochs = np.arange(1, len(losses) + 1) / batches_per_epoch
    axes.semilogy(epochs, losses, color="tab:blue", alpha=0.3, label="loss of a batch")
    means = np.reshape(losses, (-1, batches_per_epoch)).mean(axis=1)
    whole = np.arange(1, len(means) + 1)
    axes.semilogy(whole, means, color="tab:blue", marker="o", label="mean of an epoch")
    axes.set_xlabel("epoch")
    axes.set_ylabel("negative log-likelihood")
    right = axes.twinx()
    right.plot(whole, accuracies, color="tab:green", marker="s", label="held-out accuracy")
    right.set_ylabel("held-out accuracy, %")
    handles = [*axes.get_lines(), *right.get_lines()]
    labels = [line.get_label() for line in handles]
    axes.legend(handles, labels, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)
    axes.set_title(f"Handwritten digits: {accuracies[-1]:.1f} % of {len(held_out)} held-out right")

    targets = held_out.target_tensor.numpy()
    predicted = predicted.numpy()
    mistakes_first = np.argsort(predicted == targets, kind="stable")
    bottom.suptitle(f"{(predicted != targets).sum()} mistakes (red: predicted, true), then others")
    for place, i in zip(bottom.subplots(5, 10).flat, mistakes_first, strict=False):
        place.imshow(held_out.data_tensor[int(i)][0].numpy(), cmap="gray_r")
        place.set_axis_off()
        right_answer = predicted[i] == targets[i]
        title = f"{predicted[i]}" if right_answer else f"{predicted[i]}, not {targets[i]}"
        place.set_title(title, color="black" if right_answer else "red", fontsize=10)
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=0.003)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--expect", type=float, default=98.0, help="held-out accuracy in %%")
    parser.add_argument("--out", default="digits.png", help="where the picture goes")
    args = parser.parse_args()
    if args.epochs < 1:
        parser.error(f"--epochs: expected at least 1, got {args.epochs}")

    started = time.perf_counter()
    torch.manual_seed(args.seed)
    learn_from, held_out = load(args.seed)
    loader = DataLoader(learn_from, batch_size=args.batch_size, shuffle=True)
    model = Net()
    optimizer = optim.Adam(model.parameters(), lr=args.lr)

    losses, accuracies = [], []
    for epoch in range(1, args.epochs + 1):
        # Smaller and smaller steps: the last epochs settle instead of wandering.
        optimizer.param_groups[0]["lr"] = args.lr * (args.epochs + 1 - epoch) / args.epochs
        with tqdm(loader, desc=f"epoch {epoch:2}", unit="batch", leave=False) as batches:
            losses += train(model, optimizer, batches)
        predicted = predict(model, held_out.data_tensor)
        right = int((predicted == held_out.target_tensor).long().sum())
        accuracies.append(100 * right / len(held_out))
        mean = sum(losses[-len(loader) :]) / len(loader)
        print(f"epoch {epoch:2}: loss {mean:.4f}, held-out accuracy {accuracies[-1]:.2f} %")

    draw(args.out, losses, len(loader), accuracies, held_out, predicted)
    seconds = time.perf_counter() - started
    print(
        f"{right} of {len(held_out)} held-out digits right ({accuracies[-1]:.2f} %) "
        f"after {seconds:.1f} s; picture: {args.out}"
    )
    if accuracies[-1] < args.expect:
        sys.exit(f"expected a held-out accuracy of at least {args.expect:g} %")


if __name__ == "__main__":
    main()
