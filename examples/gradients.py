"""Gradients of ordinary Python code: a line fitted by gradient descent."""

import torch
import torch.nn as nn
import torch.optim as optim
from torch.autograd import Variable

torch.manual_seed(0)
x = torch.linspace(-1, 1, 201).view(-1, 1)
y = 2 * x + 1
model = nn.Linear(1, 1)
optimizer = optim.SGD(model.parameters(), lr=0.5)
for _ in range(100):
    optimizer.zero_grad()
    loss = ((model(Variable(x)) - Variable(y)) ** 2).mean()
    loss.backward()
    optimizer.step()
print(model.weight.data[0, 0], model.bias.data[0], loss.data[0])  # close to 2, 1, 0
assert loss.data[0] < 1e-6
