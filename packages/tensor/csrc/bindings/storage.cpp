// torch.FloatStorage and the like: one pybind11 class per dtype.
#include "torch/storage.h"

#include <pybind11/pybind11.h>

#include <algorithm>

#include "bindings/construct.h"
#include "bindings/object.h"
#include "torch/ops/copy.h"
#include "torch/ops/view.h"

namespace py = pybind11;

namespace torch::python {
namespace {

struct AnyStorage {
  Ref<Storage> ref;
};
template <DType>
struct TypedStorage : AnyStorage {};
template <DType dtype>
constexpr DType dtype_constant = dtype;

// A storage seen as a vector: element access and filling are the tensor's.
Tensor as_tensor(const AnyStorage& s) { return Tensor(s.ref, {s.ref->size()}, {1}, 0); }

py::object steal(PyObject* o) {
  if (!o) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(o);
}

py::object get(const AnyStorage& s, py::object key) {
  py::object t = steal(wrap(as_tensor(s)));
  if (PySlice_Check(key.ptr())) {
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key.ptr(), &start, &stop, &step) < 0) throw py::error_already_set();
    if (step != 1)
      raise<ValueError>("storage: slices of a storage have step 1, got ",
                        static_cast<int64_t>(step));
    Py_ssize_t n = PySlice_AdjustIndices(s.ref->size(), &start, &stop, step);
    return steal(
        wrap_storage(Ref<Storage>::adopt(Storage::slice(s.ref.get(), n > 0 ? start : 0, n))));
  }
  return steal(index_get(t.ptr(), key.ptr()));
}

void set(AnyStorage& s, py::object key, py::object value) {
  py::object t = steal(wrap(as_tensor(s)));
  if (index_set(t.ptr(), key.ptr(), value.ptr()) < 0) throw py::error_already_set();
}

// () | (size) | (sequence) | (storage)
template <DType dtype>
TypedStorage<dtype> make(py::args args) {
  std::string name = std::string(info(dtype).prefix) + "Storage";
  if (args.size() > 1) {
    raise<TypeError>(name, ": expected a size, a sequence or a storage, got ",
                     static_cast<int64_t>(args.size()), " arguments");
  }
  PyObject* o = args.empty() ? nullptr : PyTuple_GET_ITEM(args.ptr(), 0);
  if (!o || PyLong_Check(o)) {
    int64_t n = o ? to_int(o) : 0;
    checked_numel(name.c_str(), {n});
    return {{ops::uninitialized({n}, dtype).storage()}};
  }
  if (is_storage(o)) {
    Ref<Storage> other = unwrap_storage(o);
    if (other->dtype() == dtype) return {{other}};
    return {{ops::to(as_tensor({other}), dtype).storage()}};
  }
  Tensor t = from_data(o, &dtype_constant<dtype>, name.c_str());
  if (t.ndim() != 1) raise<ValueError>(name, ": expected a flat sequence, got size ", t.shape());
  return {{t.storage()}};
}

AnyStorage refuse(py::args) {
  raise<TypeError>("_Storage: use one of the typed classes, such as torch.FloatStorage");
}

template <DType dtype>
void define(py::module_& m) {
  std::string name = std::string(info(dtype).prefix) + "Storage";
  py::class_<TypedStorage<dtype>, AnyStorage> cls(m, name.c_str());
  construct_in_new<TypedStorage<dtype>, &make<dtype>>(cls);
  cls.def_property_readonly_static(
      "dtype", [](py::object) { return py::reinterpret_borrow<py::object>(dtype_object(dtype)); });
}

}  // namespace

void init_storage(py::module_& m) {
  py::class_<AnyStorage> base(m, "_Storage", "Typed memory that tensors look into.");
  construct_in_new<AnyStorage, &refuse>(base);
  base.def(
          "size", [](const AnyStorage& s) { return s.ref->size(); }, "Number of elements.")
      .def("__len__", [](const AnyStorage& s) { return s.ref->size(); })
      .def(
          "element_size", [](const AnyStorage& s) { return item_size(s.ref->dtype()); },
          "Bytes of one element.")
      .def(
          "nbytes", [](const AnyStorage& s) { return s.ref->nbytes(); }, "Bytes of all elements.")
      .def(
          "data_ptr",
          [](const AnyStorage& s) {
            s.ref->publish_address();
            return reinterpret_cast<uintptr_t>(s.ref->data());
          },
          "Address of the first element.")
      .def_property_readonly(
          "_cdata", [](const AnyStorage& s) { return reinterpret_cast<uintptr_t>(s.ref.get()); })
      .def_property_readonly("_version", [](const AnyStorage& s) { return s.ref->version(); })
      .def_property_readonly("is_cuda",
                             [](const AnyStorage& s) { return !s.ref->device().is_cpu(); })
      .def("__getitem__", &get)
      .def("__setitem__", &set)
      .def(
          "tolist", [](const AnyStorage& s) { return steal(to_list(as_tensor(s))); },
          "The elements as a list of Python numbers.")
      .def_property_readonly(
          "_base",
          [](const AnyStorage& s) -> py::object {
            Storage* base = s.ref->base();
            if (!base) return py::none();
            base->retain();
            return steal(wrap_storage(Ref<Storage>::adopt(base)));
          },
          "Of a slice: the storage it was cut from.")
      .def_property_readonly(
          "device", [](const AnyStorage& s) { return steal(device_object(s.ref->device())); })
      .def("_bytes",
           [](const AnyStorage& s) {
             return py::bytes(s.ref->data(), static_cast<size_t>(s.ref->nbytes()));
           })
      .def("_byteswap",
           [](const AnyStorage& s) {
             int64_t item = item_size(s.ref->dtype());
             for (int64_t i = 0; i < s.ref->size(); ++i)
               std::reverse(s.ref->data() + i * item, s.ref->data() + (i + 1) * item);
             s.ref->bump();
           })
      .def(
          "is_shared", [](const AnyStorage& s) { return s.ref->is_shared(); },
          "Whether the memory is shared with processes that are forked from this one.")
      .def(
          "share_memory_",
          [](py::object self) {
            self.cast<AnyStorage&>().ref->share();
            return self;
          },
          "Moves the elements into memory that processes forked from now on share; returns self.")
      .def(
          "__iter__",
          [](const AnyStorage& s) { return steal(PySeqIter_New(steal(wrap(as_tensor(s))).ptr())); })
      .def(
          "clone",
          [](const AnyStorage& s) {
            return steal(wrap_storage(ops::clone(as_tensor(s)).storage()));
          },
          "A copy.")
      .def(
          "fill_",
          [](py::object self, py::object value) {
            Tensor t = as_tensor(self.cast<const AnyStorage&>());
            if (!is_number(value.ptr()))
              raise<TypeError>("fill_: expected a number, got ", Py_TYPE(value.ptr())->tp_name);
            ops::fill_(t, to_scalar(value.ptr()));
            return self;
          },
          "Sets every element.")
      .def(
          "copy_",
          [](py::object self, const AnyStorage& other) {
            Tensor t = as_tensor(self.cast<const AnyStorage&>());
            if (other.ref->size() != t.numel()) {
              raise<ValueError>("copy_: expected a storage of ", t.numel(), " elements, got ",
                                other.ref->size());
            }
            ops::copy_(t, as_tensor(other));
            return self;
          },
          "Writes another storage's elements.")
      .def(
          "resize_",
          [](py::object self, int64_t n) {
            checked_numel("resize_", {n});
            self.cast<AnyStorage&>().ref->resize(n);
            return self;
          },
          "Changes the number of elements.")
      .def("__repr__", [](const AnyStorage& s) {
        std::string text;
        for (int64_t i = 0; i < s.ref->size(); ++i) {
          if (i == 10 && s.ref->size() > 20) {
            text += " ...\n";
            i = s.ref->size() - 10;
          }
          text += " " + py::str(get(s, py::int_(i))).cast<std::string>() + "\n";
        }
        return text + "[torch." + info(s.ref->dtype()).prefix + "Storage of size " +
               std::to_string(s.ref->size()) + "]";
      });
  // one class per row of dtype.def
#define DTYPE(e, ctype, name, prefix, kind) define<DType::e>(m);
#include "torch/dtype.def"
#undef DTYPE
}

bool is_storage(PyObject* o) { return py::isinstance<AnyStorage>(py::handle(o)); }

Ref<Storage> unwrap_storage(PyObject* o) { return py::handle(o).cast<const AnyStorage&>().ref; }

PyObject* wrap_storage(const Ref<Storage>& s) {
  switch (s->dtype()) {
#define DTYPE(e, ctype, name, prefix, kind) \
  case DType::e:                            \
    return py::cast(TypedStorage<DType::e>{{s}}).release().ptr();
#include "torch/dtype.def"
#undef DTYPE
  }
  return nullptr;
}

}  // namespace torch::python
