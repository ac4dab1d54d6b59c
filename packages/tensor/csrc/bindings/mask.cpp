#include "torch/ops/mask.h"

#include "bindings/results.h"

namespace torch::python {
namespace {

PyObject* masked_select_call(Args& a) {
  return computed(a, a.self().numel(), [&] { return ops::masked_select(a.self(), a.tensor(1)); });
}

PyObject* masked_scatter_call(Args& a) {
  return written(a, a.self().numel(),
                 [&](Tensor& t) { ops::masked_scatter_(a.name(), t, a.tensor(1), a.tensor(2)); });
}

PyObject* masked_copy_call(Args& a) {
  {
    ReleaseGil release(a.self().numel());
    ops::masked_scatter_(a.name(), a.self(), a.tensor(1), a.tensor(2));
  }
  return Py_NewRef(a.object(0));
}

// (self, as_tuple = False)
PyObject* nonzero_call(Args& a) {
  if (!a.boolean(1)) return computed(a, a.self().numel(), [&] { return ops::nonzero(a.self()); });
  if (a.out()) raise<TypeError>(a.name(), ": out cannot be given with as_tuple=True");
  std::vector<Tensor> found;
  {
    ReleaseGil release(a.self().numel());
    found = ops::nonzero_tuple(a.self());
  }
  return tuple_of(std::move(found));
}

PyObject* argwhere_call(Args& a) {
  return computed(a, a.self().numel(), [&] { return ops::nonzero(a.self()); });
}

PyObject* flatnonzero_call(Args& a) {
  return computed(a, a.self().numel(), [&] { return ops::flatnonzero(a.self()); });
}

constexpr unsigned kBoth = kMethod | kFunction;
constexpr char kScatterDoc[] =
    "self with its elements where the mask holds replaced by the first elements of source, in "
    "row-major order. The mask, a BoolTensor or ByteTensor, broadcasts to self. ValueError when "
    "source has fewer elements than the mask selects; it may have more.";

constexpr OpDef kOps[] = {
    {"masked_select", kBoth | kOut, "(self: Tensor, mask: mask)", &masked_select_call,
     "The elements where the mask holds, in row-major order, as a vector of self's dtype. The "
     "mask is a BoolTensor or ByteTensor; both broadcast.",
     ">>> x = torch.tensor([1, -2, 3])\n>>> torch.masked_select(x, x > 0).tolist()\n[1, 3]"},
    {"masked_scatter", kBoth | kInplace | kOut, "(self: Tensor, mask: mask, source: Tensor)",
     &masked_scatter_call, kScatterDoc,
     ">>> x = torch.tensor([1, 2, 3])\n>>> torch.masked_scatter(x, x > 1, torch.tensor([8, 9, "
     "10])).tolist()\n[1, 8, 9]"},
    {"masked_copy_", kMethod, "(self: Tensor, mask: mask, source: Tensor)", &masked_copy_call,
     "Another name of masked_scatter_: the elements where the mask holds are replaced by the "
     "first elements of source, which may have more of them, not fewer.",
     ">>> x = torch.tensor([1, 2, 3])\n>>> x.masked_copy_(x > 1, torch.tensor([8, "
     "9])).tolist()\n[1, 8, 9]"},
    {"nonzero", kBoth | kOut, "(self: Tensor, as_tuple: bool = False)", &nonzero_call,
     "Positions of the elements other than zero, in row-major order: a LongTensor (n, ndim) of "
     "one row each, or with as_tuple a tuple of one vector per dimension.",
     ">>> torch.nonzero(torch.tensor([[0, 1], [2, 0]])).tolist()\n[[0, 1], [1, 0]]"},
    {"argwhere", kBoth | kOut, "(self: Tensor)", &argwhere_call,
     "Positions of the elements other than zero, in row-major order: a LongTensor (n, ndim).",
     ">>> torch.argwhere(torch.tensor([0, 5, 6])).tolist()\n[[1], [2]]"},
    {"flatnonzero", kBoth | kOut, "(self: Tensor)", &flatnonzero_call,
     "Positions of the elements other than zero in the tensor read in row-major order, as a "
     "LongTensor (n,).",
     ">>> torch.flatnonzero(torch.tensor([[0, 1], [2, 0]])).tolist()\n[1, 2]"},
};

}  // namespace

void add_mask(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
