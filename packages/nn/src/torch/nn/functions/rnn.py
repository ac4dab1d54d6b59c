"""Recurrent layers: one Function for one direction of a layer, and the same cell by cell.

Sequences lie step by step, the rows of a step next to each other: `batch_sizes` says how many
sequences still run at each step, never more than at the one before; R is their sum and B the first.
H units have G * H rows of weights, G by `GATES`: 4 of LSTM (input, forget, cell, output), 3 of GRU
(reset, update, new), 1 of the plain ones.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import torch
from torch.autograd import Variable, enable_grad
from torch.autograd.engine import edge_of
from torch.autograd.function import Alias
from torch.autograd.functions.base import Builtin, call

__all__ = ["GATES", "RNNLayer", "RNNLayerGrad", "rnn_cell", "rnn_layer", "rnn_layer_by_cells"]

GATES = {"tanh": 1, "relu": 1, "lstm": 4, "gru": 3}


class _RNNLayer(Builtin):
    """What kind of layer it is, over which sequences, and whether from the last step to the first.

    Arguments: x (R, I); h0, c0 (B, H), c0 None but for lstm; w_ih (G * H, I), w_hh (G * H, H); b_ih
    and b_hh (G * H,), both or none.
    """

    __slots__ = ("layer",)

    def __init__(self, mode: str, batch_sizes: Sequence[int], reverse: bool = False) -> None:
        self.layer = (mode, batch_sizes, reverse)
        self.inplace = False


class RNNLayer(_RNNLayer):
    """(x, h0, c0, w_ih, w_hh, b_ih, b_hh) -> y (R, H), h_n (B, H), and of lstm c_n (B, H)"""

    __slots__ = ()
    fresh_gradients = True

    def forward(
        self,
        x: torch.Tensor,
        h0: torch.Tensor,
        c0: torch.Tensor | None,
        w_ih: torch.Tensor,
        w_hh: torch.Tensor,
        b_ih: torch.Tensor | None = None,
        b_hh: torch.Tensor | None = None,
    ) -> tuple:
        y, h_n, c_n, gates, cells = torch._C.rnn_layer(
            *self.layer, w_ih, w_hh, b_ih, b_hh, x, h0, c0
        )
        self.save_for_backward(x, h0, c0, w_ih, w_hh, b_ih, b_hh, y, gates, cells)
        return (y, h_n) if c_n is None else (y, h_n, c_n)

    def backward(self, gy: Any, gh: Any, gc: Any = None) -> tuple:
        *inputs, y, gates, cells = self.saved_tensors
        # these three are constants to the gradient: what they depend on are the inputs beside them
        results = [v._data if isinstance(v, Variable) else v for v in (y, gates, cells)]
        grads = call(RNNLayerGrad(*self.layer), gy, gh, gc, *inputs, *results)
        return grads[: len(self._edges)]


class RNNLayerGrad(_RNNLayer):
    """The gradients of RNNLayer's arguments, from those of its results (gc None but for lstm).

    Its own backward is that of the layer cell by cell, differentiated twice.
    """

    __slots__ = ()

    def forward(
        self,
        gy: torch.Tensor,
        gh: torch.Tensor,
        gc: torch.Tensor | None,
        x: torch.Tensor,
        h0: torch.Tensor,
        c0: torch.Tensor | None,
        w_ih: torch.Tensor,
        w_hh: torch.Tensor,
        b_ih: torch.Tensor | None,
        b_hh: torch.Tensor | None,
        y: torch.Tensor,
        gates: torch.Tensor | None,
        cells: torch.Tensor | None,
    ) -> tuple:
        self.save_for_backward(gy, gh, gc, x, h0, c0, w_ih, w_hh, b_ih, b_hh)
        gx, gh0, gc0, *weights = torch._C.rnn_layer_grad(
            *self.layer, w_ih, w_hh, b_ih, b_hh, x, h0, c0, y, gates, cells, gy, gh, gc
        )
        return gx, gh0, gc0, *weights

    def backward(self, *seconds: Any) -> tuple:
        values = self.saved_tensors
        needs = self.needs_input_grad[: len(values)]
        create_graph = any(isinstance(v, Variable) for v in (*values, *seconds))
        run = Variable._execution_engine.run_backward
        with enable_grad():
            # Nothing behind an argument is reached from here: its gradient is a partial one.
            fresh = [None if v is None else _cut_off(v) for v in values]
            outputs = rnn_layer_by_cells(*self.layer, *fresh[3:])  # type: ignore[arg-type]
            firsts = [g for g in fresh[:3] if g is not None]
            inputs = [v for v in fresh[3:] if v is not None]
            found = run(outputs, firsts, True, True, inputs)
            weighted = [g for g, v in zip(seconds, fresh[3:], strict=True) if v is not None]
            pairs = [(f, g) for f, g in zip(found, weighted, strict=True) if f is not None]
            wanted = [v for v, needed in zip(fresh, needs, strict=True) if needed]
            gradients = iter(
                run([f for f, _ in pairs], [g for _, g in pairs], True, create_graph, wanted)
            )
        results = [next(gradients) if needed else None for needed in needs]
        if create_graph:
            for v, value in zip(fresh, values, strict=True):
                if isinstance(value, Variable) and value._requires_grad:
                    v._edge._edges = (edge_of(value),)  # type: ignore[union-attr]
        return (*results, None, None, None)


def _cut_off(value: Any) -> Variable:
    """A Variable of the same data whose history ends at a node of its own."""
    return Variable(value._data if isinstance(value, Variable) else value, creator=Alias(None))


def rnn_layer(
    mode: str, batch_sizes: Sequence[int], reverse: bool, x: Variable, h0: Variable, *others: Any
) -> tuple:
    """RNNLayer of Variables: (y, h_n, c_n), c_n None but for lstm; also of no sequences at all."""
    if h0._data.size(0) == 0:
        results = rnn_layer_by_cells(mode, batch_sizes, reverse, x, h0, *others)
    else:
        results = RNNLayer(mode, batch_sizes, reverse)(x, h0, *others)
    return results if len(results) == 3 else (*results, None)


def rnn_cell(
    mode: str,
    x: Variable,
    h: Variable,
    c: Variable | None,
    w_ih: Variable,
    w_hh: Variable,
    b_ih: Variable | None = None,
    b_hh: Variable | None = None,
) -> tuple[Variable, Variable | None]:
    """One step in terms of differentiable operations: x (n, I), h and c (n, H) -> h, c

    LSTM after Hochreiter and Schmidhuber 1997, with the forget gate of Gers, Schmidhuber and
    Cummins 2000; GRU after Cho et al. 2014, with the reset gate applied to the product with h.
    """
    from_x, from_h = x.mm(w_ih.t()), h.mm(w_hh.t())
    if b_ih is not None and b_hh is not None:  # expanded, as the alpha's meaning has to have them
        from_x = from_x + b_ih.view(1, -1).expand_as(from_x)
        from_h = from_h + b_hh.view(1, -1).expand_as(from_h)
    if mode == "gru":
        (x_reset, x_update, x_new), (h_reset, h_update, h_new) = (
            part.chunk(3, 1) for part in (from_x, from_h)
        )
        update = (x_update + h_update).sigmoid()
        new = (x_new + (x_reset + h_reset).sigmoid() * h_new).tanh()
        return new + update * (h - new), None
    total = from_x + from_h
    if mode == "lstm":
        let_in, forget, cell, let_out = total.chunk(4, 1)
        c = forget.sigmoid() * c + let_in.sigmoid() * cell.tanh()  # type: ignore[operator]
        return let_out.sigmoid() * c.tanh(), c
    return total.tanh() if mode == "tanh" else torch.where(total > 0, total, 0), None


def rnn_layer_by_cells(
    mode: str,
    batch_sizes: Sequence[int],
    reverse: bool,
    x: Variable,
    h0: Variable,
    c0: Variable | None,
    *weights: Any,
) -> tuple:
    """What RNNLayer computes, one `rnn_cell` per step: the reference, and its double gradient."""
    starts = [0, *accumulate(batch_sizes)]
    steps = range(len(batch_sizes))
    initial = [h0] if c0 is None else [h0, c0]
    running = batch_sizes[-1] if reverse else batch_sizes[0]
    states: list = [s.narrow(0, 0, running) for s in initial]
    outputs: list = []
    ended: list[list] = []
    for t in reversed(steps) if reverse else steps:
        n = batch_sizes[t]
        if n > running:  # sequences whose last step this is begin
            states = [
                torch.cat([s, first.narrow(0, running, n - running)], 0)
                for s, first in zip(states, initial, strict=True)
            ]
        elif n < running:  # the others have ended
            ended.append([s.narrow(0, n, running - n) for s in states])
            states = [s.narrow(0, 0, n) for s in states]
        running = n
        before = states if c0 is not None else [states[0], None]
        h, c = rnn_cell(mode, x.narrow(0, starts[t], n), *before, *weights)
        states = [h] if c is None else [h, c]
        outputs.append(h)
    last = [torch.cat(list(parts), 0) for parts in zip(states, *reversed(ended), strict=True)]
    return (torch.cat(outputs[::-1] if reverse else outputs, 0), *last)
