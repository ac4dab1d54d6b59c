"""Tensors in place of NumPy arrays: straight lines through noisy points, by least squares."""

import torch

torch.manual_seed(0)
x = torch.linspace(-1, 1, 201)
slopes = torch.tensor([[2.0], [-0.5], [0.0]])
points = slopes * x + 1 + 0.1 * torch.randn(3, 201)  # three rows, broadcast against x
centred = x - x.mean()
found = (points * centred).sum(dim=1) / (centred**2).sum()
print(found)  # close to 2, -0.5, 0
print(points[0, x > 0.9].numpy())  # masks, and NumPy without a copy
assert (found - slopes[:, 0]).abs().max() < 0.05
