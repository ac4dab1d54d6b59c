"""Trains a residual network of 8 layers on handwritten digits of 32x32 pixels.

The data: 1,797 digits of 8x8 pixels that scikit-learn ships (Alpaydin and Kaynak, UCI, 1998),
upscaled by linear interpolation; a fifth is held out. While it learns, the network sees each digit
a little shifted, every time another way. After each epoch a checkpoint is written, from which
--resume goes on exactly. The picture shows loss, learning rate and accuracy over the epochs, and
the held-out digits that the network got wrong or was least sure of. While the steps are large the
held-out accuracy jumps, because the averages that batch norm keeps for it lag behind the weights.
Exits with status 1 if the held-out accuracy is below --expect.
"""

import itertools
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
from long_run import Checkpoint, options
from sklearn.datasets import load_digits
from torch.autograd import Variable
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

SHIFT = 2  # pixels at most, to each side


class Block(nn.Module):
    """Two 3x3 convolutions, and a way past them: (n, i, h, w) -> (n, o, h / stride, w / stride).

    What the convolutions give is added to x, so they learn what is to be changed, and gradients
    find a short way back (He et al. 2015, https://arxiv.org/abs/1512.03385).
    """

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.past = nn.Sequential()
        if inputs != outputs or stride != 1:  # x has another size: bring it to the new one
            self.past.add_module("conv", nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False))
            self.past.add_module("norm", nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(y)) + self.past(x))


class ResidualNetwork(nn.Module):
    """Convolution, three blocks of two, linear layer: 8 in a row; (n, 1, 32, 32) -> (n, 10)."""

    def __init__(self, width=16):
        super().__init__()
        self.conv = nn.Conv2d(1, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.blocks = nn.Sequential(
            Block(width, width, stride=1),
            Block(width, 2 * width, stride=2),
            Block(2 * width, 4 * width, stride=2),
        )
        self.linear = nn.Linear(4 * width, 10)

    def forward(self, x):
        x = self.blocks(F.relu(self.norm(self.conv(x))))
        x = F.adaptive_avg_pool2d(x, 1)  # the mean over the picture, (n, channels, 1, 1)
        return self.linear(x.view(x.size(0), -1))


def load(seed):
    """Two datasets of (picture (1, 32, 32), digit): one to learn from, one held out."""
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.target))
    small = torch.from_numpy((digits.images[order, None] / 16).astype("float32"))
    images = F.interpolate(small, size=32, mode="bilinear").data
    targets = torch.from_numpy(digits.target[order].astype("int64"))
    held_out = len(order) // 5
    return (
        TensorDataset(images[held_out:], targets[held_out:]),
        TensorDataset(images[:held_out], targets[:held_out]),
    )


def shifted(images):
    """Each of the images (n, 1, h, w) moved by up to SHIFT pixels; what comes in is blank."""
    height, width = images.size()[2:]
    wide = F.pad(images, (SHIFT,) * 4).data
    corners = torch.randint(2 * SHIFT + 1, (len(images), 2)).tolist()
    pairs = zip(wide, corners, strict=True)
    return torch.stack([image[:, y : y + height, x : x + width] for image, (y, x) in pairs])


def train(model, optimizer, scheduler, batches):
    """One pass over the batches; returns the loss and the learning rate of each."""
    model.train()
    losses, rates = [], []
    for images, targets in batches:
        rates.append(scheduler.get_last_lr()[0])
        optimizer.zero_grad()
        loss = F.cross_entropy(model(Variable(shifted(images))), Variable(targets))
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.data[0])
        batches.set_postfix(loss=f"{losses[-1]:.4f}", refresh=False)
    return losses, rates


def predict(model, images):
    """The probability of each digit in each of the images, (n, 10)."""
    model.eval()
    return F.softmax(model(Variable(images, volatile=True)), 1).data


def correct(probabilities, targets):
    """How many of the most likely digits are the true ones."""
    return (probabilities.argmax(1) == targets).sum()


def draw(path, history, held_out, probabilities):
    """Saves the curves above a grid of held-out digits, the ones with the worst answers first."""
    figure = plt.figure(figsize=(10, 11), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[1.1, 1])
    accuracies = history["accuracies"]
    whole = np.arange(1, len(accuracies) + 1)
    batches = len(history["losses"]) // len(whole)
    epochs = np.arange(1, len(history["losses"]) + 1) / batches
    upper, lower = top.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    upper.semilogy(epochs, history["losses"], color="tab:blue", alpha=0.3, label="loss of a batch")
    means = np.reshape(history["losses"], (-1, batches)).mean(axis=1)
    upper.semilogy(whole, means, color="tab:blue", marker="o", label="mean of an epoch")
    upper.set_ylabel("cross entropy")
    upper.legend(loc="upper right")
    upper.set_title(f"Residual network: {accuracies[-1]:.1f} % of {len(held_out)} held-out right")
    lower.plot(whole, accuracies, color="tab:green", marker="s", label="held-out accuracy")
    lower.set_ylabel("accuracy, %")
    lower.set_xlabel("epoch")
    right = lower.twinx()
    right.plot(epochs, history["rates"], color="tab:orange", label="learning rate")
    right.set_ylabel("learning rate")
    handles = [*lower.get_lines(), *right.get_lines()]
    lower.legend(handles, [line.get_label() for line in handles], loc="lower center")

    targets = held_out.target_tensor.numpy()
    probabilities = probabilities.numpy()
    predicted = probabilities.argmax(axis=1)
    of_truth = probabilities[np.arange(len(targets)), targets]
    bottom.suptitle(
        f"{(predicted != targets).sum()} mistakes (red: predicted, true), then the least sure "
        "(probability)"
    )
    for place, i in zip(bottom.subplots(3, 8).flat, np.argsort(of_truth), strict=False):
        place.imshow(held_out.data_tensor[int(i)][0].numpy(), cmap="gray_r")
        place.set_axis_off()
        if predicted[i] == targets[i]:
            place.set_title(f"{predicted[i]}  ({100 * of_truth[i]:.0f} %)", fontsize=10)
        else:
            place.set_title(f"{predicted[i]}, not {targets[i]}", color="red", fontsize=10)
    figure.savefig(path, dpi=100)


def main():
    parser = options("residual_network", __doc__, epochs=12, batch_size=32, lr=0.003)
    parser.add_argument("--expect", type=float, default=98.0, help="held-out accuracy in %%")
    args = parser.parse_args()

    started = time.perf_counter()
    torch.manual_seed(args.seed)
    learn_from, held_out = load(args.seed)
    loader = DataLoader(learn_from, batch_size=args.batch_size, shuffle=True)
    count = min(len(loader), args.batches or len(loader))
    model = ResidualNetwork()
    optimizer = optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.05)
    scheduler = OneCycleLR(optimizer, args.lr, epochs=args.epochs, steps_per_epoch=count)

    history = {"losses": [], "rates": [], "accuracies": []}
    checkpoint = Checkpoint(args.checkpoint, model=model, optimizer=optimizer, scheduler=scheduler)
    if args.resume:
        history = checkpoint.load()
    else:
        print(nn.summary(model, Variable(held_out.data_tensor[:1])))

    for epoch in range(len(history["accuracies"]) + 1, args.epochs + 1):
        first = itertools.islice(loader, count)
        with tqdm(first, f"epoch {epoch:2}", count, leave=False, unit="batch") as batches:
            losses, rates = train(model, optimizer, scheduler, batches)
        right = correct(predict(model, held_out.data_tensor), held_out.target_tensor)
        history["losses"] += losses
        history["rates"] += rates
        history["accuracies"].append(100 * right / len(held_out))
        checkpoint.save(history)
        print(
            f"epoch {epoch:2}: loss {sum(losses) / count:.4f}, "
            f"held-out accuracy {history['accuracies'][-1]:.2f} %"
        )

    probabilities = predict(model, held_out.data_tensor)
    accuracy = 100 * correct(probabilities, held_out.target_tensor) / len(held_out)
    draw(args.out, history, held_out, probabilities)
    seconds = time.perf_counter() - started
    print(
        f"{accuracy:.2f} % of {len(held_out)} held-out digits right after {seconds:.1f} s; "
        f"picture: {args.out}, checkpoint: {args.checkpoint}"
    )
    if accuracy < args.expect:
        sys.exit(f"expected a held-out accuracy of at least {args.expect:g} %")


if __name__ == "__main__":
    main()
