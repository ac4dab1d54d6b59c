"""Neural networks: modules that hold parameters, and the functions they are made of."""

from typing import TYPE_CHECKING

from torch._registered import keep_source, register
from torch._versions import require

require("alphatorch-tensor", ">=0.1,<0.2", by="alphatorch-nn")
require("alphatorch-autograd", ">=0.1,<0.2", by="alphatorch-nn")

from . import functional, functions, init, modules, parallel, utils  # noqa: E402, F401
from .modules import *  # noqa: E402, F403
from .parallel import DataParallel  # noqa: E402
from .parameter import Parameter  # noqa: E402
from .summary import Summary, summary  # noqa: E402

# Files may hold parameters and our modules. Of other modules they keep the source, and loading one
# takes torch.serialization.allow(its class).
register(Parameter)
register(utils.rnn.PackedSequence)
register(utils.computed.WeightNorm)
register(utils.computed.SpectralNorm)
for _cls in (*vars(modules).values(), DataParallel):
    if isinstance(_cls, type) and issubclass(_cls, modules.Module):
        register(_cls)
keep_source(modules.Module)

if not TYPE_CHECKING:  # as in modules
    __all__ = [
        "DataParallel", "Parameter", "Summary", "functional", "init", "parallel", "summary",
        "utils", *modules.__all__,
    ]  # fmt: skip
