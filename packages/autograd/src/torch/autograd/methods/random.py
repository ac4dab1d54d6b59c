"""Random numbers: written over a Variable in place, or drawn with parameters from one.

What is drawn has no gradient; that of the values written over is zero.
"""

from .table import publish, torch_only, untracked, untracked_in_place

#: In-place methods that overwrite every element.
FILLS = (
    "bernoulli_", "cauchy_", "exponential_", "geometric_", "log_normal_", "normal_", "random_",
    "uniform_",
)  # fmt: skip

#: Functions whose parameters may be Variables.
DRAWN = ("gamma", "poisson", "standard_gamma")
DRAWN_BY_FUNCTIONS = ("beta", "choice", "dirichlet")


for _name in FILLS:
    publish(_name, untracked_in_place(_name))
for _name in DRAWN:
    publish(_name, untracked(_name))
for _name in DRAWN_BY_FUNCTIONS:
    torch_only(untracked(_name), _name)
