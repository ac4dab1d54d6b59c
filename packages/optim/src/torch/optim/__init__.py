"""Optimizers: they change parameters along their gradients; `lr_scheduler` changes their rates."""

from torch._registered import Known, known_names, register
from torch._versions import require

require("alphatorch-tensor", ">=0.1,<0.2", by="alphatorch-optim")
require("alphatorch-autograd", ">=0.1,<0.2", by="alphatorch-optim")

from . import lr_scheduler  # noqa: E402
from .adadelta import Adadelta  # noqa: E402
from .adagrad import Adagrad  # noqa: E402
from .adam import Adam, AdamW  # noqa: E402
from .adamax import Adamax  # noqa: E402
from .asgd import ASGD  # noqa: E402
from .lbfgs import LBFGS  # noqa: E402
from .nadam import NAdam  # noqa: E402
from .optimizer import Optimizer, required  # noqa: E402
from .radam import RAdam  # noqa: E402
from .rmsprop import RMSprop  # noqa: E402
from .rprop import Rprop  # noqa: E402
from .sgd import SGD  # noqa: E402
from .sparse_adam import SparseAdam  # noqa: E402

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "SparseAdam",
    "lr_scheduler",
    "required",
]

# Files may hold our optimizers and schedulers: making one only fills its attributes.
for _cls in (*vars().copy().values(), *vars(lr_scheduler).values()):
    if isinstance(_cls, type) and issubclass(_cls, Optimizer | lr_scheduler.LRScheduler):
        register(_cls)
known_names["torch.optim.optimizer", "required"] = Known(required)
