#include "torch/ops/view.h"

#include "bindings/compat.h"
#include "bindings/parser.h"
#include "torch/ops/copy.h"

namespace torch::python {
namespace {

// In-place forms give the object itself the new view.
PyObject* deliver(Args& a, Tensor view) {
  if (!a.inplace) return wrap(std::move(view));
  a.self() = std::move(view);
  return a.finish({});
}

PyObject* view_call(Args& a) { return wrap(ops::view(a.self(), a.sizes(1))); }
PyObject* view_as_call(Args& a) { return wrap(ops::view(a.self(), a.tensor(1).shape())); }
PyObject* reshape_call(Args& a) { return wrap(ops::reshape(a.self(), a.sizes(1))); }
PyObject* permute_call(Args& a) { return wrap(ops::permute(a.self(), a.sizes(1))); }
PyObject* transpose_call(Args& a) {
  return deliver(a, ops::transpose(a.self(), a.integer(1), a.integer(2)));
}
PyObject* t_call(Args& a) { return deliver(a, ops::t(a.self())); }
PyObject* expand_call(Args& a) { return wrap(ops::expand(a.self(), a.sizes(1))); }
PyObject* expand_as_call(Args& a) { return wrap(ops::expand(a.self(), a.tensor(1).shape())); }
PyObject* select_call(Args& a) { return wrap(ops::select(a.self(), a.integer(1), a.integer(2))); }
PyObject* narrow_call(Args& a) {
  return wrap(ops::narrow(a.self(), a.integer(1), a.integer(2), a.integer(3)));
}
PyObject* squeeze_call(Args& a) {
  return deliver(
      a, ops::squeeze(a.self(), a.has(1) ? std::optional<int64_t>(a.integer(1)) : std::nullopt));
}
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
PyObject* data_ptr_call(Args& a) { return PyLong_FromVoidPtr(a.self().bytes()); }
PyObject* element_size_call(Args& a) { return PyLong_FromLongLong(a.self().item_bytes()); }

PyObject* cat_call(Args& a) {
  Tensor result;
  std::vector<Tensor> tensors = a.tensors(0);
  if (tensors.empty() && compat::on(Flag::cat_value_error))
    raise<ValueError>("cat: expected one tensor or more, got none");
  int64_t work = 0;
  for (const Tensor& t : tensors) work += t.numel();
  {
    ReleaseGil release(work);
    result = ops::cat(tensors, a.integer(1), a.out());
  }
  return a.finish(std::move(result));
}
PyObject* stack_call(Args& a) { return a.finish(ops::stack(a.tensors(0), a.integer(1), a.out())); }

constexpr unsigned kBoth = kMethod | kFunction;
constexpr OpDef kOps[] = {
    {"view", kMethod, "(self: Tensor, shape: sizes)", &view_call,
     "The same memory in another shape; never copies. One size may be -1."},
    {"view_as", kMethod, "(self: Tensor, other: Tensor)", &view_as_call,
     "The same memory in other's shape."},
    {"reshape", kBoth, "(self: Tensor, shape: sizes)", &reshape_call,
     "Another shape: a view where possible, else a copy."},
    {"permute", kBoth, "(self: Tensor, dims: sizes)", &permute_call,
     "Dimensions in another order."},
    {"transpose", kBoth | kInplace, "(self: Tensor, dim0: int, dim1: int)", &transpose_call,
     "Two dimensions swapped."},
    {"t", kBoth | kInplace, "(self: Tensor)", &t_call, "The transposed matrix."},
    {"expand", kMethod, "(self: Tensor, shape: sizes)", &expand_call,
     "Dimensions of size 1 repeated without a copy; -1 keeps a size."},
    {"expand_as", kMethod, "(self: Tensor, other: Tensor)", &expand_as_call,
     "expand to other's size."},
    {"select", kBoth, "(self: Tensor, dim: int, index: int)", &select_call,
     "One slice along dim, without that dimension."},
    {"narrow", kBoth, "(self: Tensor, dimension: int, start: int, length: int)", &narrow_call,
     "`length` entries of a dimension from `start`."},
    {"squeeze", kBoth | kInplace, "(self: Tensor, dim: int = None)", &squeeze_call,
     "Without dimensions of size 1 (or without dim, if its size is 1)."},
    {"unsqueeze", kBoth | kInplace, "(self: Tensor, dim: int)", &unsqueeze_call,
     "With a new dimension of size 1 at dim."},
    {"unfold", kMethod, "(self: Tensor, dimension: int, size: int, step: int)", &unfold_call,
     "Windows of `size` entries every `step`, as a new last dimension."},
    {"as_strided", kBoth, "(self: Tensor, size: dims, stride: dims, storage_offset: int = None)",
     &as_strided_call, "Any view of the storage, checked against its bounds."},
    {"resize_", kMethod, "(self: Tensor, shape: sizes)", &resize_call,
     "Another size; the storage grows where needed."},
    {"resize_as_", kMethod, "(self: Tensor, template: Tensor)", &resize_as_call,
     "resize_ to another tensor's size."},
    {"set_", kMethod,
     "(self: Tensor) | (self: Tensor, source: Tensor) | "
     "(self: Tensor, source: Storage, storage_offset: int = 0, size: dims = None, strides: dims = "
     "None)",
     &set_call, "Makes self a view of another tensor's or storage's memory."},
    {"size", kMethod, "(self: Tensor, dim: int = None)", &size_call,
     "torch.Size, or the size of one dimension."},
    {"stride", kMethod, "(self: Tensor, dim: int = None)", &stride_call,
     "Elements between neighbours, per dimension."},
    {"dim", kMethod, "(self: Tensor)", &dim_call, "Number of dimensions."},
    {"ndimension", kMethod, "(self: Tensor)", &dim_call, "Number of dimensions."},
    {"numel", kBoth, "(self: Tensor)", &numel_call, "Number of elements."},
    {"nelement", kMethod, "(self: Tensor)", &numel_call, "Number of elements."},
    {"is_contiguous", kMethod, "(self: Tensor)", &is_contiguous_call,
     "Whether the elements lie in row-major order without gaps."},
    {"is_same_size", kMethod, "(self: Tensor, other: Tensor)", &is_same_size_call,
     "Whether both sizes are equal."},
    {"is_set_to", kMethod, "(self: Tensor, tensor: Tensor)", &is_set_to_call,
     "Whether both are the same view of one storage."},
    {"_storage", kMethod, "(self: Tensor)", &storage_call, "The memory the tensor looks into."},
    {"storage_offset", kMethod, "(self: Tensor)", &offset_call,
     "Elements before the first one, in the storage."},
    {"data_ptr", kMethod, "(self: Tensor)", &data_ptr_call, "Address of the first element."},
    {"element_size", kMethod, "(self: Tensor)", &element_size_call, "Bytes of one element."},
    {"cat", kFunction | kOut, "(tensors: tensors, dim: int = 0)", &cat_call,
     "Tensors joined along a dimension."},
    {"stack", kFunction | kOut, "(tensors: tensors, dim: int = 0)", &stack_call,
     "Tensors joined along a new dimension."},
};

}  // namespace

void add_view(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
