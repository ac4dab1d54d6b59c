"""Trains an LSTM to guess the next word of Python's own documentation, and lets it write.

The text lies in every Python: its licence, the topics of help(), and the docstrings of the
library's top-level modules, together 170,000 words. A tenth of the documents is
held out. Perplexity is exp(mean cross entropy): as unsure as a choice among so many equally likely
words. After each epoch a checkpoint is written, from which --resume goes on exactly. The picture
shows perplexities and learning rate. Exits with status 1 if the held-out perplexity is not below
--expect; that of a guess by the frequencies of the words alone is printed first.
"""

import ast
import collections
import itertools
import math
import re
import sys
import sysconfig
import textwrap
import time
from pathlib import Path
from pydoc_data.topics import topics

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from long_run import Checkpoint, options
from matplotlib.ticker import LogLocator, NullLocator
from torch.autograd import Variable
from torch.optim.lr_scheduler import OneCycleLR
from tqdm import tqdm

UNKNOWN, PARAGRAPH = "<unk>", "<p>"  # a word out of the vocabulary; the end of a paragraph


class LanguageModel(nn.Module):
    """Scores of the next word, (steps * n, vocabulary), after each of words (steps, n).

    The rows of one table stand for the words that go in and for those that come out (Press and
    Wolf 2016, https://arxiv.org/abs/1608.05859): half the parameters, and better guesses.
    """

    def __init__(self, vocabulary, size, dropout=0.3):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size)
        self.lstm = nn.LSTM(size, size, num_layers=2, dropout=dropout)
        self.output = nn.Linear(size, vocabulary)
        self.dropout = nn.Dropout(dropout)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        self.output.weight = self.embedding.weight

    def forward(self, words, state=None):
        hidden, state = self.lstm(self.dropout(self.embedding(words)), state)
        return self.output(self.dropout(hidden).view(-1, hidden.size(2))), state


def documents():
    """The licence, the topics of help(), the docstrings of each of the library's modules."""
    library = Path(sysconfig.get_path("stdlib"))
    for folder in (library, library.parent):  # where site.py looks for it, too
        yield from (path.read_text("utf-8") for path in sorted(folder.glob("LICENSE*")))
    yield from (text for _, text in sorted(topics.items()))
    with_docstring = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for path in sorted(library.glob("[a-z]*.py")):
        nodes = ast.walk(ast.parse(path.read_bytes()))
        docstrings = [ast.get_docstring(n) for n in nodes if isinstance(n, with_docstring)]
        yield "\n\n".join(filter(None, docstrings))


def load():
    """Two lists of words: to learn from, and held out.

    Words are names, numbers, single other characters, and PARAGRAPH. A paragraph that comes again
    is left out, and so is one that is code or a table: less than two thirds of it are names.
    """
    learn_from, held_out, seen = [], [], set()
    for number, document in enumerate(documents()):
        part = held_out if number % 10 == 9 else learn_from
        for text in re.split(r"\n\s*\n", document.lower()):
            text = re.sub(r"[*`]|([^\w\s])\1{3,}", " ", text)  # *marks*, ------ and other rulers
            paragraph = tuple(re.findall(r"[^\W\d]\w*|\d+|[^\w\s]", text))
            names = sum(word.isidentifier() for word in paragraph)
            if names > 2 / 3 * len(paragraph) and paragraph not in seen:
                seen.add(paragraph)
                part += (*paragraph, PARAGRAPH)
    return learn_from, held_out


def columns(numbers, count):
    """A text cut into `count` pieces that are read side by side, (words, count)."""
    length = len(numbers) // count
    return torch.LongTensor(numbers[: count * length]).view(count, length).t().contiguous()


def windows(text, steps):
    """Pieces of text (words, n), one after the other, each with the words that come next."""
    for start in range(0, len(text) - 1, steps):
        stop = min(start + steps, len(text) - 1)
        yield Variable(text[start:stop]), Variable(text[start + 1 : stop + 1].view(-1))


def log_frequencies(words, vocabulary):
    """Of each of the words of the vocabulary, (vocabulary,), as if each had come once more."""
    counts = torch.bincount(torch.LongTensor(words), minlength=vocabulary).float() + 1
    return (counts / counts.sum()).log()


def train(model, optimizer, scheduler, batches):
    """One pass over the windows; returns the loss and the learning rate of each."""
    model.train()
    losses, rates, state = [], [], None
    for words, following in batches:
        rates.append(scheduler.get_last_lr()[0])
        optimizer.zero_grad()
        scores, state = model(words, state)
        # The state goes on into the next window, gradients do not come back from there.
        state = tuple(part.detach() for part in state)
        loss = F.cross_entropy(scores, following)
        loss.backward()
        nn.utils.clip_grad_norm(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        losses.append(loss.data[0])
        batches.set_postfix(perplexity=f"{math.exp(losses[-1]):.1f}", refresh=False)
    return losses, rates


def perplexity(model, text, steps):
    """Of the text (words, n), read from its beginning."""
    model.eval()
    total, state = 0.0, None
    for words, following in windows(text, steps):
        words.volatile = following.volatile = True
        scores, state = model(words, state)
        total += F.cross_entropy(scores, following, reduction="sum").data[0]
    return math.exp(total / text[1:].numel())


def write(model, vocabulary, count, temperature=0.7):
    """Text of `count` words, each drawn from what the model expects after those before.

    Below 1, `temperature` favours what is likely.
    """
    model.eval()
    unknown, word = vocabulary.index(UNKNOWN), vocabulary.index(PARAGRAPH)
    written, state = [], None
    for _ in range(count):
        scores, state = model(Variable(torch.LongTensor([[word]]), volatile=True), state)
        scores.data[0, unknown] = -math.inf
        word = int(torch.multinomial(F.softmax(scores / temperature, 1).data, 1)[0, 0])
        written.append(vocabulary[word])
    text = " ".join(written)
    text = re.sub(r" ([.,:;!?)\]}])", r"\1", text)  # no blank before these,
    text = re.sub(r"([(\[{]) ", r"\1", text)  # after those,
    text = re.sub(r"(\w) ['’] (s|t|re|ll)\b", r"\1'\2", text)  # in "it's"
    paragraphs = filter(str.strip, text.split(PARAGRAPH))
    return "\n".join(textwrap.fill(paragraph.strip(), 84) for paragraph in paragraphs)


def draw(path, history, guess, expected, text):
    """Saves the curves above the text."""
    figure = plt.figure(figsize=(10, 11), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[1.6, 1])
    upper, lower = top.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    held_out = history["perplexities"]
    whole = np.arange(1, len(held_out) + 1)
    batches = len(history["losses"]) // len(whole)
    epochs = np.arange(1, len(history["losses"]) + 1) / batches
    means = np.exp(np.reshape(history["losses"], (-1, batches)).mean(axis=1))
    upper.semilogy(
        epochs, np.exp(history["losses"]), color="tab:blue", alpha=0.3, label="of a batch"
    )
    upper.semilogy(whole, means, color="tab:blue", marker="o", label="of an epoch, in training")
    upper.semilogy(whole, held_out, color="tab:green", marker="s", label="held out")
    upper.axhline(guess, color="black", linestyle="--", label=f"by frequency: {guess:.0f}")
    upper.axhline(expected, color="tab:red", linestyle=":", label=f"expected: {expected:g}")
    upper.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    upper.yaxis.set_major_formatter("{x:g}")
    upper.yaxis.set_minor_locator(NullLocator())
    upper.set_ylabel("perplexity")
    upper.legend(loc="lower left")
    upper.set_title(f"Language model: held-out perplexity {held_out[-1]:.1f}")
    lower.plot(epochs, history["rates"], color="tab:orange")
    lower.set_ylabel("learning rate")
    lower.set_xlabel("epoch")

    bottom.suptitle("What it writes")
    lines = text.replace("$", r"\$").splitlines()
    bottom.text(0.04, 0.9, "\n".join(lines[:18]), va="top", family="monospace", fontsize=10)
    figure.savefig(path, dpi=100)


def main():
    parser = options("language_model", __doc__, epochs=6, batch_size=16, lr=0.01)
    parser.add_argument(
        "--steps", type=int, default=32, help="words from which gradients come back"
    )
    parser.add_argument("--words", type=int, default=4000, help="size of the vocabulary")
    parser.add_argument("--size", type=int, default=128, help="numbers that stand for a word")
    parser.add_argument("--expect", type=float, default=100.0, help="held-out perplexity")
    args = parser.parse_args()

    started = time.perf_counter()
    torch.manual_seed(args.seed)
    learn_from, held_out = load()
    frequent = collections.Counter(learn_from).most_common(args.words - 1)
    vocabulary = [UNKNOWN, *(word for word, _ in frequent)]
    numbers = {word: number for number, word in enumerate(vocabulary)}
    learn_from, held_out = (
        [numbers.get(word, numbers[UNKNOWN]) for word in part] for part in (learn_from, held_out)
    )
    logs = log_frequencies(learn_from, len(vocabulary))
    guess = math.exp(-logs[torch.LongTensor(held_out)].mean())
    print(
        f"{len(learn_from)} words to learn from, {len(held_out)} held out, {len(vocabulary)} "
        f"different\na guess by frequency: held-out perplexity {guess:.1f}"
    )
    learn_from, held_out = columns(learn_from, args.batch_size), columns(held_out, 10)
    model = LanguageModel(len(vocabulary), args.size)
    model.output.bias.data.copy_(logs)  # it begins where the guess by frequency ends
    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    count = math.ceil((len(learn_from) - 1) / args.steps)
    count = min(count, args.batches or count)
    scheduler = OneCycleLR(
        optimizer, args.lr, epochs=args.epochs, steps_per_epoch=count, pct_start=0.1
    )

    history = {"losses": [], "rates": [], "perplexities": []}
    checkpoint = Checkpoint(args.checkpoint, model=model, optimizer=optimizer, scheduler=scheduler)
    if args.resume:
        history = checkpoint.load()
    for epoch in range(len(history["perplexities"]) + 1, args.epochs + 1):
        first = itertools.islice(windows(learn_from, args.steps), count)
        with tqdm(first, f"epoch {epoch:2}", count, leave=False, unit="batch") as batches:
            losses, rates = train(model, optimizer, scheduler, batches)
        history["losses"] += losses
        history["rates"] += rates
        history["perplexities"].append(perplexity(model, held_out, args.steps))
        checkpoint.save(history)
        print(
            f"epoch {epoch:2}: perplexity {math.exp(sum(losses) / count):.1f}, "
            f"held out {history['perplexities'][-1]:.1f}"
        )

    final = perplexity(model, held_out, args.steps)
    text = write(model, vocabulary, 220)
    draw(args.out, history, guess, args.expect, text)
    seconds = time.perf_counter() - started
    print(
        f"\n{text}\n\nheld-out perplexity {final:.1f} after {seconds:.1f} s; "
        f"picture: {args.out}, checkpoint: {args.checkpoint}"
    )
    if not final < args.expect:
        sys.exit(f"expected a held-out perplexity below {args.expect:g}")


if __name__ == "__main__":
    main()
