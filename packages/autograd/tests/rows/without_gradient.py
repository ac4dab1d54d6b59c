"""Names of the tensor package that have no gradient, and what they do with a Variable."""

#: Answers without history: integers, bools, or constant almost everywhere by nature.
UNTRACKED: dict[str, str] = {
    "argmax": "indices",
}

#: Answers that are no tensors: sizes, types, numbers.
QUESTIONS: dict[str, str] = {
    "dim": "an int",
}

#: Samples: their gradient comes from a reward (test_stochastic.py).
SAMPLED: dict[str, str] = {
    "bernoulli": "0 and 1",
    "multinomial": "positions",
    "normal": "normal numbers",
}

#: Functions that make tensors from other things than tensors.
CREATORS: dict[str, str] = {
    "zeros": "takes sizes",
}

#: What a Variable refuses, with a sentence.
REFUSED: dict[str, str] = {
    "numpy": "an array would leave the graph",
}
