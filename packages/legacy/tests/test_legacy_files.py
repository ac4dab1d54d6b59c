"""torch.save and torch.load of legacy modules."""

import io

import torch
import torch.legacy.nn as nn


def test_modules():
    net = nn.Sequential()
    net.add(nn.Linear(3, 2)).add(nn.Tanh()).add(nn.LogSoftMax())
    x = torch.ones(2, 3)
    before = net.forward(x)
    f = io.BytesIO()
    torch.save([net, nn.MSECriterion(), nn.ClassNLLCriterion()], f)
    f.seek(0)
    loaded, *criterions = torch.load(f)
    assert [type(c).__name__ for c in criterions] == ["MSECriterion", "ClassNLLCriterion"]
    assert loaded.forward(x).equal(before)
