"""The arguments of the alpha, in its order and with its defaults."""

import inspect

import pytest
import torch.nn.functional as NF
from torch import nn

# what the alpha had; of today's arguments more may follow
MODULES = {
    "Threshold": "threshold, value, inplace=False",
    "ReLU": "inplace=False",
    "RReLU": "lower=0.125, upper=0.3333333333333333, inplace=False",
    "Hardtanh": "min_value=-1, max_value=1, inplace=False",
    "ReLU6": "inplace=False",
    "Sigmoid": "",
    "Tanh": "",
    "ELU": "alpha=1.0, inplace=False",
    "Hardshrink": "lambd=0.5",
    "LeakyReLU": "negative_slope=0.01, inplace=False",
    "LogSigmoid": "",
    "Softplus": "beta=1, threshold=20",
    "Softshrink": "lambd=0.5",
    "PReLU": "num_parameters=1, init=0.25",
    "Softsign": "",
    "Tanhshrink": "",
    "Softmin": "",
    "Softmax": "",
    "Softmax2d": "",
    "LogSoftmax": "",
    "BatchNorm1d": "num_features, eps=1e-05, momentum=0.1, affine=True",
    "BatchNorm2d": "num_features, eps=1e-05, momentum=0.1, affine=True",
    "BatchNorm3d": "num_features, eps=1e-05, momentum=0.1, affine=True",
    "Dropout": "p=0.5, inplace=False",
    "Dropout2d": "p=0.5, inplace=False",
    "Dropout3d": "p=0.5, inplace=False",
    "L1Loss": "size_average=True",
    "NLLLoss": "weight=None, size_average=True",
    "NLLLoss2d": "weight=None, size_average=True",
    "KLDivLoss": "weight=None, size_average=True",
    "MSELoss": "size_average=True",
    "BCELoss": "weight=None, size_average=True",
    "HingeEmbeddingLoss": "size_average=True",
    "MultiLabelMarginLoss": "size_average=True",
    "SmoothL1Loss": "size_average=True",
    "SoftMarginLoss": "size_average=True",
    "CrossEntropyLoss": "weight=None, size_average=True",
    "MultiLabelSoftMarginLoss": "weight=None, size_average=True",
    "CosineEmbeddingLoss": "margin=0, size_average=True",
    "MarginRankingLoss": "margin=0, size_average=True",
    "MultiMarginLoss": "p=1, margin=1, weight=None, size_average=True",
    "CrossMapLRN2d": "size, alpha=0.0001, beta=0.75, k=1",
    "Embedding": "num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2, "
    "scale_grad_by_freq=False, sparse=False",
    "PairwiseDistance": "p=2, eps=1e-06",
}

FUNCTIONS = {
    "dropout": "input, p=0.5, training=False, inplace=False",
    "threshold": "input, threshold, value, inplace=False",
    "relu": "input, inplace=False",
    "hardtanh": "input, min_val=-1.0, max_val=1.0, inplace=False",
    "relu6": "input, inplace=False",
    "elu": "input, alpha=1.0, inplace=False",
    "leaky_relu": "input, negative_slope=0.01, inplace=False",
    "prelu": "input, weight",
    "rrelu": "input, lower=0.125, upper=0.3333333333333333, training=False, inplace=False",
    "logsigmoid": "input",
    "hardshrink": "input, lambd=0.5",
    "tanhshrink": "input",
    "softsign": "input",
    "softplus": "input, beta=1, threshold=20",
    "softmin": "input",
    "softmax": "input",
    "softshrink": "input, lambd=0.5",
    "log_softmax": "input",
    "tanh": "input",
    "sigmoid": "input",
    "batch_norm": "input, running_mean, running_var, weight=None, bias=None, training=False, "
    "momentum=0.1, eps=1e-05",
    "nll_loss": "input, target, weight=None, size_average=True",
    "kl_div": "input, target, size_average=True",
    "cross_entropy": "input, target, weight=None, size_average=True",
    "binary_cross_entropy": "input, target, weight=None, size_average=True",
    "smooth_l1_loss": "input, target, size_average=True",
    "pairwise_distance": "x1, x2, p=2, eps=1e-06",
}


def arguments(function):
    return [
        p.name if p.default is p.empty else f"{p.name}={p.default}"
        for p in inspect.signature(function).parameters.values()
        if p.kind is p.POSITIONAL_OR_KEYWORD
    ]


@pytest.mark.parametrize("name", MODULES)
def test_modules(name):
    expected = [part for part in MODULES[name].split(", ") if part]
    cls = getattr(nn, name)
    found = arguments(cls) if cls.__init__ is not nn.Module.__init__ else []
    assert found[: len(expected)] == expected
    assert all("=" in rest for rest in found[len(expected) :])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    expected = FUNCTIONS[name].split(", ")
    found = arguments(getattr(NF, name))
    assert found[: len(expected)] == expected
    assert all("=" in rest for rest in found[len(expected) :])
