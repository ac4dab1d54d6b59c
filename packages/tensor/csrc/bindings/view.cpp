#include "torch/ops/view.h"

#include "bindings/compat.h"
#include "bindings/parser.h"
#include "torch/ops/copy.h"

namespace torch::python {
namespace {

// In-place forms give the object itself the new view.
PyObject* deliver(Args& a, Tensor view) {
  if (!a.inplace) return a.finish_copy(std::move(view));
  a.self() = std::move(view);
  return a.finish({});
}

// A view is another way to the same data, as in the alpha: what is written through it is not a
// change that autograd complains of, unless it becomes a Variable's data.
PyObject* as_quiet(Tensor view) {
  view.set_counts(false);
  return wrap(std::move(view));
}

PyObject* view_call(Args& a) { return as_quiet(ops::view(a.self(), a.sizes(1))); }
PyObject* view_as_call(Args& a) { return as_quiet(ops::view(a.self(), a.tensor(1).shape())); }
PyObject* reshape_call(Args& a) { return wrap(ops::reshape(a.self(), a.sizes(1))); }
PyObject* reshape_as_call(Args& a) { return wrap(ops::reshape(a.self(), a.tensor(1).shape())); }
PyObject* permute_call(Args& a) { return wrap(ops::permute(a.self(), a.sizes(1))); }
PyObject* transpose_call(Args& a) {
  return deliver(a, ops::transpose(a.self(), a.integer(1), a.integer(2)));
}
PyObject* swapaxes_call(Args& a) {
  return wrap(ops::transpose(a.self(), a.integer(1), a.integer(2)));
}
PyObject* movedim_call(Args& a) {
  return wrap(ops::movedim(a.name(), a.self(), a.sizes(1), a.sizes(2)));
}
PyObject* t_call(Args& a) { return deliver(a, ops::t(a.self())); }
PyObject* expand_call(Args& a) { return wrap(ops::expand(a.name(), a.self(), a.sizes(1))); }
PyObject* expand_as_call(Args& a) { return wrap(ops::expand(a.self(), a.tensor(1).shape())); }
PyObject* select_call(Args& a) { return wrap(ops::select(a.self(), a.integer(1), a.integer(2))); }
PyObject* narrow_call(Args& a) {
  return wrap(ops::narrow(a.self(), a.integer(1), a.integer(2), a.integer(3)));
}
PyObject* squeeze_call(Args& a) {
  Shape dims = a.sizes(1);
  if (a.has(1) && dims.empty())
    raise<ValueError>(a.name(), ": expected one dimension or more, got none");
  return deliver(a, ops::squeeze(a.self(), dims));
}
// NumPy's flatten copies always.
PyObject* flatten_call(Args& a) {
  Tensor flat = ops::flatten(a.self(), a.integer(1), a.integer(2));
  bool shares = flat.storage().get() == a.self().storage().get();
  return wrap(shares ? ops::clone(flat) : flat);
}
PyObject* ravel_call(Args& a) { return wrap(ops::reshape(a.self(), {-1})); }
PyObject* unsqueeze_call(Args& a) { return deliver(a, ops::unsqueeze(a.self(), a.integer(1))); }
PyObject* unfold_call(Args& a) {
  return wrap(ops::unfold(a.self(), a.integer(1), a.integer(2), a.integer(3)));
}
PyObject* as_strided_call(Args& a) {
  const Tensor& t = a.self();
  return wrap(ops::as_strided("as_strided", t.storage(), a.sizes(1), a.sizes(2),
                              a.has(3) ? a.integer(3) : t.offset()));
}

PyObject* resize_call(Args& a) {
  ops::resize_(a.self(), a.sizes(1));
  return Py_NewRef(a.object(0));
}
PyObject* resize_as_call(Args& a) {
  ops::resize_(a.self(), Shape(a.tensor(1).shape()));
  return Py_NewRef(a.object(0));
}

void check_same_dtype(const char* op, const Tensor& self, DType other) {
  if (other != self.dtype())
    raise<TypeError>(op, ": expected elements of ", self.dtype(), ", got ", other);
}

// (self) | (self, source: Tensor) | (self, source: Storage, storage_offset, size, strides)
PyObject* set_call(Args& a) {
  Tensor& self = a.self();
  if (a.signature == 0) {
    self = empty({0}, self.dtype(), self.device());
  } else if (a.signature == 1) {
    check_same_dtype("set_", self, a.tensor(1).dtype());
    self = Tensor(a.tensor(1));
  } else {
    Ref<Storage> s = unwrap_storage(a.object(1));
    check_same_dtype("set_", self, s->dtype());
    int64_t offset = a.integer(2);
    Shape shape = a.has(3) ? a.sizes(3) : Shape{s->size() - offset};
    self = ops::as_strided("set_", s, shape, a.has(4) ? a.sizes(4) : contiguous_strides(shape),
                           offset);
  }
  return Py_NewRef(a.object(0));
}

PyObject* size_call(Args& a) {
  const Tensor& t = a.self();
  if (!a.has(1)) return shown_size(t);
  return PyLong_FromLongLong(t.size(wrap_dim("size", a.integer(1), t.ndim())));
}
PyObject* stride_call(Args& a) {
  const Tensor& t = a.self();
  if (!a.has(1)) {
    Object out(PyTuple_New(t.ndim()));
    for (int d = 0; d < t.ndim(); ++d)
      PyTuple_SET_ITEM(out.get(), d, PyLong_FromLongLong(t.stride(d)));
    return out.release();
  }
  return PyLong_FromLongLong(t.stride(wrap_dim("stride", a.integer(1), t.ndim())));
}
PyObject* dim_call(Args& a) { return PyLong_FromLong(shown_dims(a.self())); }
PyObject* numel_call(Args& a) { return PyLong_FromLongLong(a.self().numel()); }
PyObject* is_contiguous_call(Args& a) { return PyBool_FromLong(a.self().is_contiguous()); }
PyObject* is_same_size_call(Args& a) {
  return PyBool_FromLong(a.self().shape() == a.tensor(1).shape());
}
PyObject* is_set_to_call(Args& a) {
  const Tensor &x = a.self(), &y = a.tensor(1);
  return PyBool_FromLong(x.storage().get() == y.storage().get() && x.offset() == y.offset() &&
                         x.shape() == y.shape() && x.strides() == y.strides());
}
PyObject* offset_call(Args& a) { return PyLong_FromLongLong(a.self().offset()); }
PyObject* storage_call(Args& a) { return wrap_storage(a.self().storage()); }
PyObject* data_ptr_call(Args& a) {
  a.self().storage()->publish_address();
  return PyLong_FromVoidPtr(a.self().bytes());
}
PyObject* element_size_call(Args& a) { return PyLong_FromLongLong(a.self().item_bytes()); }

constexpr unsigned kBoth = kMethod | kFunction;
constexpr OpDef kOps[] = {
    {"view", kMethod, "(self: Tensor, shape: sizes)", &view_call,
     "The same memory in another shape of as many elements; never copies. One size may be -1: what "
     "is left. ValueError when the sizes do not fit or the strides need a copy.",
     ">>> torch.arange(6).view(2, -1).tolist()\n[[0, 1, 2], [3, 4, 5]]"},
    {"view_as", kMethod, "(self: Tensor, other: Tensor)", &view_as_call,
     "The same memory in other's shape; ValueError where view has one.",
     ">>> torch.arange(4).view_as(torch.ones(2, 2)).tolist()\n[[0, 1], [2, 3]]"},
    {"reshape", kBoth, "(self: Tensor, shape: sizes)", &reshape_call,
     "Another shape of as many elements in row-major order: a view where possible, else a copy. "
     "One size may be -1: what is left. ValueError when the sizes do not fit.",
     ">>> torch.arange(6).reshape(3, 2).tolist()\n[[0, 1], [2, 3], [4, 5]]"},
    {"reshape_as", kMethod, "(self: Tensor, other: Tensor)", &reshape_as_call,
     "reshape to other's shape: a view where possible, else a copy.",
     ">>> torch.arange(4).reshape_as(torch.ones(2, 2)).tolist()\n[[0, 1], [2, 3]]"},
    {"flatten", kBoth, "(self: Tensor, start_dim: int = 0, end_dim: int = -1)", &flatten_call,
     "A copy with the dimensions start_dim to end_dim as one, in row-major order. ravel and view "
     "share memory where possible. ValueError when end_dim comes first.",
     ">>> torch.ones(2, 3, 4).flatten(1).shape\ntorch.Size([2, 12])"},
    {"ravel", kBoth, "(self: Tensor)", &ravel_call,
     "All elements in row-major order, in one dimension: a view where possible, else a copy.",
     ">>> torch.tensor([[1, 2], [3, 4]]).ravel().tolist()\n[1, 2, 3, 4]"},
    {"permute", kBoth, "(self: Tensor, dims: sizes)", &permute_call,
     "A view with the dimensions in the order of dims, each of them once, else ValueError.",
     ">>> torch.ones(2, 3, 4).permute(2, 0, 1).shape\ntorch.Size([4, 2, 3])"},
    {"transpose", kBoth | kInplace | kOut, "(self: Tensor, dim0: int, dim1: int)", &transpose_call,
     "A view with two dimensions swapped; with out, a copy there. IndexError for a dimension out "
     "of range.",
     ">>> torch.ones(2, 3, 4).transpose(0, 2).shape\ntorch.Size([4, 3, 2])"},
    {"swapaxes", kBoth, "(self: Tensor, axis0: int, axis1: int)", &swapaxes_call,
     "A view with two dimensions swapped: NumPy's name of transpose.",
     ">>> torch.ones(2, 3, 4).swapaxes(0, 2).shape\ntorch.Size([4, 3, 2])"},
    {"moveaxis", kBoth, "(self: Tensor, source: dims, destination: dims)", &movedim_call,
     "A view with the dimensions of source (an int or several) at the places of destination, the "
     "others in their order. ValueError for different counts or repeated dimensions.",
     ">>> torch.ones(2, 3, 4).moveaxis(0, -1).shape\ntorch.Size([3, 4, 2])"},
    {"movedim", kBoth, "(self: Tensor, source: dims, destination: dims)", &movedim_call,
     "A view with the dimensions of source (an int or several) at the places of destination, the "
     "others in their order: moveaxis.",
     ">>> torch.ones(2, 3, 4).movedim((0, 1), (1, 0)).shape\ntorch.Size([3, 2, 4])"},
    {"t", kBoth | kInplace | kOut, "(self: Tensor)", &t_call,
     "(m, n) -> (n, m): a view of the transposed matrix; with out, a copy there. ValueError unless "
     "self is a matrix.",
     ">>> torch.tensor([[1, 2], [3, 4]]).t().tolist()\n[[1, 3], [2, 4]]"},
    {"expand", kMethod, "(self: Tensor, shape: sizes)", &expand_call,
     "A view with dimensions of size 1 repeated and new ones in front; -1 keeps a size. It cannot "
     "be written to. ValueError when the sizes do not fit.",
     ">>> torch.tensor([[1], [2]]).expand(-1, 3).tolist()\n[[1, 1, 1], [2, 2, 2]]"},
    {"expand_as", kMethod, "(self: Tensor, other: Tensor)", &expand_as_call,
     "expand to other's size: a view that cannot be written to.",
     ">>> torch.tensor([1, 2]).expand_as(torch.ones(2, 2)).tolist()\n[[1, 2], [1, 2]]"},
    {"broadcast_to", kBoth, "(self: Tensor, shape: sizes)", &expand_call,
     "A view with dimensions of size 1 repeated and new ones in front: NumPy's name of expand.",
     ">>> torch.tensor([1, 2]).broadcast_to(2, 2).tolist()\n[[1, 2], [1, 2]]"},
    {"select", kBoth, "(self: Tensor, dim: int, index: int)", &select_call,
     "A view of one slice along dim, without that dimension; a negative index counts from the end. "
     "IndexError when one is out of range.",
     ">>> torch.tensor([[1, 2], [3, 4]]).select(1, 0).tolist()\n[1, 3]"},
    {"narrow", kBoth, "(self: Tensor, dimension: int, start: int, length: int)", &narrow_call,
     "A view of `length` entries of a dimension from `start`, which may count from the end. "
     "IndexError when they are out of range.",
     ">>> torch.arange(5).narrow(0, 1, 3).tolist()\n[1, 2, 3]"},
    {"squeeze", kBoth | kInplace | kOut, "(self: Tensor, dim: dims = None)", &squeeze_call,
     "A view without dimensions of size 1: all of them, or those in dim (an int or several) that "
     "have it; one always stays. With out, a copy there. IndexError for a dimension out of range.",
     ">>> torch.ones(1, 3, 1).squeeze().shape\ntorch.Size([3])\n>>> torch.ones(1, 3, "
     "1).squeeze(0).shape\ntorch.Size([3, 1])"},
    {"unsqueeze", kBoth | kInplace | kOut, "(self: Tensor, dim: int)", &unsqueeze_call,
     "A view with a new dimension of size 1 at dim, which may count from the end; with out, a copy "
     "there. IndexError for a dim out of range.",
     ">>> torch.tensor([1, 2]).unsqueeze(1).tolist()\n[[1], [2]]"},
    {"unfold", kMethod, "(self: Tensor, dimension: int, size: int, step: int)", &unfold_call,
     "A view of the windows of `size` entries that begin every `step` entries of a dimension: that "
     "dimension counts them, a new last one is their content. ValueError unless they fit.",
     ">>> torch.arange(5).unfold(0, 3, 2).tolist()\n[[0, 1, 2], [2, 3, 4]]"},
    {"as_strided", kBoth, "(self: Tensor, size: dims, stride: dims, storage_offset: int = None)",
     &as_strided_call,
     "A view of self's storage with these sizes, strides and offset, all in elements. ValueError "
     "when an element would lie outside.",
     ">>> torch.arange(5).as_strided((2, 3), (2, 1)).tolist()\n[[0, 1, 2], [2, 3, 4]]"},
    {"resize_", kMethod, "(self: Tensor, shape: sizes)", &resize_call,
     "Another size, contiguous; the storage keeps its elements and grows where needed. ValueError "
     "for negative sizes.",
     ">>> torch.arange(4).resize_(2, 1).tolist()\n[[0], [1]]"},
    {"resize_as_", kMethod, "(self: Tensor, template: Tensor)", &resize_as_call,
     "resize_ to another tensor's size.",
     ">>> torch.arange(4).resize_as_(torch.ones(2)).tolist()\n[0, 1]"},
    {"set_", kMethod,
     "(self: Tensor) | (self: Tensor, source: Tensor) | "
     "(self: Tensor, source: Storage, storage_offset: int = 0, size: dims = None, strides: dims = "
     "None)",
     &set_call,
     "Makes self a view of another tensor's or storage's memory; without arguments an empty "
     "tensor. TypeError for another dtype, ValueError when an element would lie outside.",
     ">>> x, y = torch.arange(3), torch.tensor([0])\n>>> y.set_(x).is_set_to(x)\nTrue"},
    {"size", kMethod, "(self: Tensor, dim: int = None)", &size_call,
     "torch.Size of the tensor, or the size of one dimension.",
     ">>> torch.ones(2, 3).size()\ntorch.Size([2, 3])\n>>> torch.ones(2, 3).size(-1)\n3"},
    {"stride", kMethod, "(self: Tensor, dim: int = None)", &stride_call,
     "Elements from one entry of a dimension to the next in memory: of all dimensions, or of one.",
     ">>> torch.ones(2, 3).stride()\n(3, 1)"},
    {"dim", kMethod, "(self: Tensor)", &dim_call, "Number of dimensions of the tensor.",
     ">>> torch.ones(2, 3).dim()\n2"},
    {"ndimension", kMethod, "(self: Tensor)", &dim_call, "Number of dimensions of the tensor.",
     ">>> torch.ones(2, 3).ndimension()\n2"},
    {"numel", kBoth, "(self: Tensor)", &numel_call, "Number of elements: the product of the sizes.",
     ">>> torch.ones(2, 3).numel()\n6"},
    {"nelement", kMethod, "(self: Tensor)", &numel_call,
     "Number of elements: the product of the sizes.", ">>> torch.ones(2, 3).nelement()\n6"},
    {"is_contiguous", kMethod, "(self: Tensor)", &is_contiguous_call,
     "Whether the elements lie in row-major order without gaps.",
     ">>> torch.ones(2, 3).is_contiguous(), torch.ones(2, 3).t().is_contiguous()\n(True, False)"},
    {"is_same_size", kMethod, "(self: Tensor, other: Tensor)", &is_same_size_call,
     "Whether both tensors have equal sizes.",
     ">>> torch.ones(2, 3).is_same_size(torch.zeros(2, 3))\nTrue"},
    {"is_set_to", kMethod, "(self: Tensor, tensor: Tensor)", &is_set_to_call,
     "Whether both are the same view of one storage: equal offset, sizes and strides.",
     ">>> x = torch.ones(2)\n>>> x.is_set_to(x.view(2)), x.is_set_to(x.clone())\n(True, False)"},
    {"_storage", kMethod, "(self: Tensor)", &storage_call, "The memory the tensor looks into."},
    {"storage_offset", kMethod, "(self: Tensor)", &offset_call,
     "Elements that lie before the first one, in the storage.",
     ">>> torch.arange(5)[2:].storage_offset()\n2"},
    {"data_ptr", kMethod, "(self: Tensor)", &data_ptr_call,
     "Address of the first element in memory, as an int.",
     ">>> x = torch.ones(3)\n>>> x[1:].data_ptr() - x.data_ptr()\n4"},
    {"element_size", kMethod, "(self: Tensor)", &element_size_call,
     "Bytes of one element in memory.", ">>> torch.ones(3).element_size()\n4"},
};

}  // namespace

void add_view(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
