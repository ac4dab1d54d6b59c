"""What the programs that train for minutes share: their options, and how they go on exactly."""

import argparse

import torch


def at_least_1(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {number}")
    return number


def options(name, about, epochs, batch_size, lr):
    """A parser with what all of them take; the numbers are what is usual for this one."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--epochs", type=at_least_1, default=epochs)
    parser.add_argument("--batch-size", type=at_least_1, default=batch_size)
    parser.add_argument("--batches", type=at_least_1, help="how many per epoch (default: all)")
    parser.add_argument("--lr", type=float, default=lr, help="the highest on the way")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default=f"{name}.png", help="where the picture goes")
    parser.add_argument("--checkpoint", default=f"{name}.pt", help="written each epoch")
    parser.add_argument("--resume", action="store_true", help="go on, with the options of before")
    return parser


class Checkpoint:
    """A file with the states of what is trained, of the random numbers, and with the history."""

    def __init__(self, path, **parts):
        self.path = path
        self.parts = parts

    def save(self, history):
        states = {name: part.state_dict() for name, part in self.parts.items()}
        torch.save({**states, "random": torch.get_rng_state(), "history": history}, self.path)

    def load(self):
        """Puts everything back; returns the history."""
        saved = torch.load(self.path)
        for name, part in self.parts.items():
            part.load_state_dict(saved[name])
        torch.set_rng_state(saved["random"])
        return saved["history"]
