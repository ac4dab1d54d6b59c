"""Recurrent layers over whole sequences, and their cells for single steps."""

import math
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch.autograd import Variable
from torch.autograd.variable import type_name

from .. import functional as F
from ..functions.rnn import GATES, rnn_layer
from ..parameter import Parameter
from ..utils.rnn import PackedSequence
from .linear import count
from .module import Module

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNBase", "RNNCell", "RNNCellBase"]

#: mode of the modules -> of the kernels
_KINDS = {"RNN_TANH": "tanh", "RNN_RELU": "relu", "LSTM": "lstm", "GRU": "gru"}
_NONLINEARITIES = {"tanh": "RNN_TANH", "relu": "RNN_RELU"}

Padded = TypeVar("Padded", Variable, PackedSequence)


def _mode_of(where: str, nonlinearity: Any) -> str:
    if nonlinearity not in _NONLINEARITIES:
        raise ValueError(f"{where}: nonlinearity: expected 'tanh' or 'relu', got {nonlinearity!r}")
    return _NONLINEARITIES[nonlinearity]


def _check_like(where: str, name: str, value: Any, like: torch.Tensor) -> None:
    """A Variable of the parameters' type."""
    if not isinstance(value, Variable):
        raise TypeError(f"{where}: {name}: expected a Variable, got {type_name(value)}")
    if type(value._data) is not type(like):
        raise TypeError(
            f"{where}: {name}: expected a {type(like).__name__}, as the parameters are, "
            f"got a {type(value._data).__name__}"
        )


def _uniform(parameters: Iterator[Parameter], hidden_size: int) -> None:
    bound = 1 / math.sqrt(hidden_size)
    for param in parameters:
        param.data.uniform_(-bound, bound)


class RNNBase(Module):
    """What RNN, LSTM and GRU share; `mode` is RNN_TANH, RNN_RELU, LSTM or GRU.

    Input (T, B, input_size), or (B, T, input_size) with `batch_first`, or (T, input_size) for a
    single sequence, or a PackedSequence; the output has hidden_size in place of input_size, twice
    as much where `bidirectional`. States are (num_layers * directions, B, hidden_size), zeros where
    they are not given. `dropout` is the probability with which what goes from one layer to the next
    is left out in training.

    Parameters of layer k: weight_ih_l[k] (G * hidden_size, input_size or, from the second layer on,
    directions * hidden_size), weight_hh_l[k] (G * hidden_size, hidden_size), and with `bias`
    bias_ih_l[k], bias_hh_l[k] (G * hidden_size,); those of the other direction end in `_reverse`.
    G is 1, of LSTM 4 (input, forget, cell, output), of GRU 3 (reset, update, new). All start
    uniform in +-1 / sqrt(hidden_size).
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        if mode not in _KINDS:
            raise ValueError(f"{name}: mode: expected one of {sorted(_KINDS)}, got {mode!r}")
        if isinstance(dropout, bool) or not isinstance(dropout, int | float) or not (
            0 <= dropout <= 1
        ):  # fmt: skip
            raise ValueError(
                f"{name}: dropout: expected a probability from 0 to 1, got {dropout!r}"
            )
        self.mode = mode
        self.input_size = count(name, "input_size", input_size)
        self.hidden_size = count(name, "hidden_size", hidden_size)
        self.num_layers = count(name, "num_layers", num_layers)
        self.bias = bool(bias)
        self.batch_first = bool(batch_first)
        self.dropout = dropout
        self.bidirectional = bool(bidirectional)
        if dropout and num_layers == 1:
            warnings.warn(
                f"{name}: dropout={dropout} works between layers, and there is one layer",
                stacklevel=3,
            )
        rows = GATES[_KINDS[mode]] * hidden_size
        sizes = {"weight_hh": (rows, hidden_size), "bias_ih": (rows,), "bias_hh": (rows,)}
        for layer in range(num_layers):
            inputs = hidden_size * self._directions if layer else input_size
            for names in self._names(layer):
                for param in names:
                    size = sizes.get(param.rpartition("_l")[0], (rows, inputs))
                    self.register_parameter(param, Parameter(torch.Tensor(*size)))
        self.reset_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _names(self, layer: int) -> Iterator[list[str]]:
        """The names of a layer's parameters, for each direction."""
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")[: 4 if self.bias else 2]
        for suffix in ("", "_reverse")[: self._directions]:
            yield [f"{kind}_l{layer}{suffix}" for kind in kinds]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each layer and direction: [w_ih, w_hh, b_ih, b_hh]."""
        return [
            [getattr(self, name) for name in names]
            for layer in range(self.num_layers)
            for names in self._names(layer)
        ]

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        _uniform(self.parameters(), self.hidden_size)

    def flatten_parameters(self) -> None:
        """Nothing to be done: the kernels take the parameters as they lie in memory."""

    def _run(self, input: Any, h0: Any, c0: Any = None) -> tuple[Any, Variable, Variable | None]:
        """(output, h_n, c_n) of states that are Variables or None."""
        where = type(self).__name__
        if isinstance(input, PackedSequence):
            rows, batch_sizes = input.data, input.batch_sizes
            self._check_input(where, rows, 2, "(rows, {})")
            batch, order = batch_sizes[0], input.sorted_indices
            front: tuple[int, ...] = ()
        else:
            order = None
            names = "(batch, steps, {})" if self.batch_first else "(steps, batch, {})"
            self._check_input(where, input, 3, f"{names} or (steps, {{}})")
            size = tuple(input.size())
            front = size[:-1]
            if len(size) == 2:
                steps, batch, rows = size[0], 1, input
            else:
                if self.batch_first:
                    input = input.transpose(0, 1)
                    size = (size[1], size[0], size[2])
                steps, batch = size[:2]
                rows = input.contiguous().view(steps * batch, self.input_size)
            if not steps:
                raise ValueError(
                    f"{where}: input: expected at least one step, got size {(*front, size[-1])}"
                )
            batch_sizes = [batch] * steps
        single = len(front) == 1
        h = self._state(where, "h0", h0, batch, single, rows._data, order)
        c = None
        if self.mode == "LSTM":
            c = h if h0 is None and c0 is None else self._state(
                where, "c0", c0, batch, single, rows._data, order
            )  # fmt: skip

        rows, h_n, c_n = self._layers(rows, batch_sizes, h, c)
        last = [None if s is None else self._leave(s, single, input, order) for s in (h_n, c_n)]
        if isinstance(input, PackedSequence):
            output: Any = input.with_data(rows)
        elif single:
            output = rows
        else:
            output = rows.view(steps, batch, self._directions * self.hidden_size)
            if self.batch_first:
                output = output.transpose(0, 1)
        return output, last[0], last[1]  # type: ignore[return-value]

    def _layers(
        self, rows: Variable, batch_sizes: list[int], h: list[Variable], c: list[Variable] | None
    ) -> tuple[Variable, Variable, Variable | None]:
        """All layers over rows (R, input_size), from a state per layer and direction."""
        kind = _KINDS[self.mode]
        h_n, c_n, i = [], [], 0
        for layer in range(self.num_layers):
            if layer and self.dropout:
                rows = F.dropout(rows, self.dropout, self.training)
            outputs: list[Variable] = []
            for names in self._names(layer):
                weights = [getattr(self, name) for name in names]
                y, h_last, c_last = rnn_layer(
                    kind, batch_sizes, bool(outputs), rows, h[i], c and c[i], *weights
                )
                outputs.append(y)
                h_n.append(h_last)
                c_n.append(c_last)
                i += 1
            rows = outputs[0] if len(outputs) == 1 else torch.cat(outputs, 1)
        return rows, torch.stack(h_n), None if c is None else torch.stack(c_n)

    def _check_input(self, where: str, input: Any, most: int, names: str) -> None:
        _check_like(where, "input", input, self.weight_ih_l0._data)
        size = tuple(input.size())
        if not 2 <= len(size) <= most or size[-1] != self.input_size:
            raise ValueError(
                f"{where}: input: expected size {names.replace('{}', str(self.input_size))}, "
                f"got {size}"
            )

    def _state(
        self,
        where: str,
        name: str,
        state: Any,
        batch: int,
        single: bool,
        like: torch.Tensor,
        order: torch.Tensor | None,
    ) -> list[Variable]:
        """An initial state (batch, hidden_size) for each layer and direction."""
        layers = self.num_layers * self._directions
        if state is None:
            return [Variable(like.new(batch, self.hidden_size).zero_())] * layers
        _check_like(where, name, state, like)
        middle = () if single else (batch,)
        expected = (layers, *middle, self.hidden_size)
        if tuple(state.size()) != expected:
            raise ValueError(
                f"{where}: {name}: expected size {expected} (layers * directions, "
                f"{'' if single else 'batch, '}hidden_size), got {tuple(state.size())}"
            )
        if single:
            state = state.unsqueeze(1)
        elif order is not None:
            state = state.index_select(1, order)
        return list(state.unbind(0))

    def _leave(self, state: Variable, single: bool, input: Any, order: Any) -> Variable:
        """The last state in the form and order of the input."""
        if single:
            return state.squeeze(1)
        return state if order is None else state.index_select(1, input.unsorted_indices)

    def _multiply_adds(self, inputs: tuple, output: Any) -> int:
        rows = inputs[0]
        rows = rows.data if isinstance(rows, PackedSequence) else rows
        steps = rows.data.numel() // self.input_size
        return steps * sum(w[0].data.numel() + w[1].data.numel() for w in self.all_weights)

    def _arguments(self) -> str:
        shown = f"{self.input_size}, {self.hidden_size}"
        for name, value, usual in (
            ("num_layers", self.num_layers, 1),
            ("nonlinearity", _KINDS[self.mode], "tanh" if self.mode == "RNN_TANH" else ""),
            ("bias", self.bias, True),
            ("batch_first", self.batch_first, False),
            ("dropout", self.dropout, 0),
            ("bidirectional", self.bidirectional, False),
        ):
            if value != usual and (name != "nonlinearity" or self.mode == "RNN_RELU"):
                shown += f", {name}={value!r}"
        return shown


class RNN(RNNBase):
    """h' = tanh(w_ih x + b_ih + w_hh h + b_hh), or relu in place of tanh: `nonlinearity`.

    RNN(input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True, batch_first=False,
    dropout=0, bidirectional=False), see RNNBase. (input, h0) -> (output, h_n).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if len(args) > 3 and isinstance(args[3], str):  # else it is `bias`, as in the alpha
            kwargs["nonlinearity"] = args[3]
            args = (*args[:3], *args[4:])
        mode = _mode_of("RNN", kwargs.pop("nonlinearity", "tanh"))
        super().__init__(mode, *args, **kwargs)

    def forward(self, input: Padded, hx: Variable | None = None) -> tuple[Padded, Variable]:
        output, h_n, _ = self._run(input, hx)
        return output, h_n

    if TYPE_CHECKING:  # checkers do not find type variables of `forward`
        __call__ = forward  # type: ignore[assignment]


class LSTM(RNNBase):
    """c' = f c + i g, h' = o tanh(c'); i, f, o = sigmoid and g = tanh of w_ih x + b_ih + w_hh h +
    b_hh.

    LSTM(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0,
    bidirectional=False), see RNNBase. (input, (h0, c0)) -> (output, (h_n, c_n)).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def forward(
        self, input: Padded, hx: tuple[Variable, Variable] | None = None
    ) -> tuple[Padded, tuple[Variable, Variable]]:
        output, h_n, c_n = self._run(input, *_pair("LSTM", hx))
        return output, (h_n, c_n)  # type: ignore[return-value]

    if TYPE_CHECKING:  # checkers do not find type variables of `forward`
        __call__ = forward  # type: ignore[assignment]


class GRU(RNNBase):
    """h' = (1 - z) n + z h; r, z = sigmoid of their sums, n = tanh(w_ih x + b_ih + r (w_hh h +
    b_hh)).

    GRU(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0,
    bidirectional=False), see RNNBase. (input, h0) -> (output, h_n).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("GRU", *args, **kwargs)

    def forward(self, input: Padded, hx: Variable | None = None) -> tuple[Padded, Variable]:
        output, h_n, _ = self._run(input, hx)
        return output, h_n

    if TYPE_CHECKING:  # checkers do not find type variables of `forward`
        __call__ = forward  # type: ignore[assignment]


def _pair(where: str, hx: Any) -> tuple[Any, Any]:
    """The states of an LSTM: (h, c) or nothing."""
    if hx is None:
        return None, None
    if not isinstance(hx, tuple | list) or len(hx) != 2:
        shown = f"{len(hx)} values" if isinstance(hx, tuple | list) else type_name(hx)
        raise TypeError(f"{where}: hx: expected a pair (h, c) or None, got {shown}")
    return hx[0], hx[1]


class RNNCellBase(Module):
    """What the cells share, users' own as well: how they are shown."""

    def _arguments(self) -> str:
        shown = f"{self.input_size}, {self.hidden_size}"
        if not getattr(self, "bias", True):
            shown += ", bias=False"
        nonlinearity = getattr(self, "nonlinearity", "tanh")
        return shown if nonlinearity == "tanh" else f"{shown}, nonlinearity={nonlinearity!r}"


class _Cell(RNNCellBase):
    """One step of `mode`: input (B, input_size), states (B, hidden_size).

    Without the batch dimension, (input_size,) and (hidden_size,), it is a single sequence.
    Parameters: weight_ih (G * hidden_size, input_size), weight_hh (G * hidden_size, hidden_size),
    and bias_ih, bias_hh (G * hidden_size,) or None; G as of RNNBase. All start uniform in +-1 /
    sqrt(hidden_size).
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool, mode: str) -> None:
        super().__init__()
        name = type(self).__name__
        self.input_size = count(name, "input_size", input_size)
        self.hidden_size = count(name, "hidden_size", hidden_size)
        self.bias = bool(bias)
        self.mode = mode
        rows = GATES[_KINDS[mode]] * hidden_size
        self.weight_ih = Parameter(torch.Tensor(rows, input_size))
        self.weight_hh = Parameter(torch.Tensor(rows, hidden_size))
        for kind in ("bias_ih", "bias_hh"):
            self.register_parameter(kind, Parameter(torch.Tensor(rows)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        _uniform(self.parameters(), self.hidden_size)

    def _step(self, input: Any, *states: Any) -> tuple[Variable, ...]:
        """The next states, as many as are given."""
        where = type(self).__name__
        weights = [self.weight_ih, self.weight_hh]
        _check_like(where, "input", input, weights[0]._data)
        size = tuple(input.size())
        if not 1 <= len(size) <= 2 or size[-1] != self.input_size:
            raise ValueError(
                f"{where}: input: expected size (batch, {self.input_size}) or "
                f"({self.input_size},), got {size}"
            )
        expected = (*size[:-1], self.hidden_size)
        single = len(size) == 1
        x = input.unsqueeze(0) if single else input
        before: list[Any] = []
        for name, state in zip(("h", "c"), states):  # noqa: B905  (c is there for LSTM alone)
            if state is None:
                zeros = x._data.new(x.size(0), self.hidden_size).zero_()
                before.append(Variable(zeros))
                continue
            _check_like(where, name, state, x._data)
            if tuple(state.size()) != expected:
                raise ValueError(
                    f"{where}: {name}: expected size {expected}, got {tuple(state.size())}"
                )
            before.append(state.unsqueeze(0) if single else state)
        if self.bias:
            weights += [self.bias_ih, self.bias_hh]
        c = before[1] if len(before) == 2 else None
        _, h, c = rnn_layer(_KINDS[self.mode], [x.size(0)], False, x, before[0], c, *weights)
        after = [h] if c is None else [h, c]
        return tuple([s.squeeze(0) for s in after] if single else after)

    def _multiply_adds(self, inputs: tuple, output: Any) -> int:
        steps = inputs[0].data.numel() // self.input_size
        return steps * (self.weight_ih.data.numel() + self.weight_hh.data.numel())


class RNNCell(_Cell):
    """One step of RNN: (input (B, input_size), h (B, hidden_size)) -> h', see `RNNBase`.

    Parameters weight_ih, weight_hh, bias_ih, bias_hh; also of a single sequence, without B.
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh"
    ) -> None:
        super().__init__(input_size, hidden_size, bias, _mode_of("RNNCell", nonlinearity))
        self.nonlinearity = nonlinearity

    def forward(self, input: Variable, hx: Variable | None = None) -> Variable:
        return self._step(input, hx)[0]


class LSTMCell(_Cell):
    """One step of LSTM: (input, (h, c)) -> (h', c'), sizes and parameters as of RNNCell."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__(input_size, hidden_size, bias, "LSTM")

    def forward(
        self, input: Variable, hx: tuple[Variable, Variable] | None = None
    ) -> tuple[Variable, Variable]:
        h, c = self._step(input, *_pair("LSTMCell", hx))
        return h, c


class GRUCell(_Cell):
    """One step of GRU: (input, h) -> h', sizes and parameters as of RNNCell."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__(input_size, hidden_size, bias, "GRU")

    def forward(self, input: Variable, hx: Variable | None = None) -> Variable:
        return self._step(input, hx)[0]
