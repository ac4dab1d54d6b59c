// torch._C: types, ops, and what is not called often enough to need more than pybind11.
#include <pybind11/pybind11.h>

#include <algorithm>
#include <climits>
#include <cstring>

#include "bindings/construct.h"
#include "bindings/parser.h"
#include "torch/allocator.h"
#include "torch/generator.h"
#include "torch/parallel.h"
#include "torch/registry.h"

namespace py = pybind11;

namespace torch::python {

void init_types(PyObject* module);  // tensor_type.cpp
void init_storage(py::module_& m);  // storage.cpp
void init_file(py::module_& m);     // file.cpp

struct PyGenerator {
  Ref<Generator> ref;
};

Generator& Args::generator(int i) const {
  return slot_[i] ? *py::handle(slot_[i]).cast<PyGenerator&>().ref : default_generator();
}

namespace {

// The state as bytes: seed and offset, little-endian on every machine this builds on.
Tensor pack_state(const PhiloxState& s) {
  Tensor t = empty({16}, DType::kUInt8);
  std::memcpy(t.bytes(), &s.seed, 8);
  std::memcpy(t.bytes() + 8, &s.offset, 8);
  return t;
}

PhiloxState unpack_state(py::handle o) {
  if (!is_tensor(o.ptr()))
    raise<TypeError>("set_state: expected a ByteTensor, got ", Py_TYPE(o.ptr())->tp_name);
  const Tensor& t = unwrap(o.ptr());
  if (t.dtype() != DType::kUInt8 || t.ndim() != 1 || t.numel() != 16 || !t.is_contiguous()) {
    raise<ValueError>("set_state: expected a contiguous ByteTensor of size (16,), got ", t);
  }
  PhiloxState s;
  std::memcpy(&s.seed, t.bytes(), 8);
  std::memcpy(&s.offset, t.bytes() + 8, 8);
  return s;
}

PyGenerator make_generator(py::args args) {
  if (!args.empty()) raise<TypeError>("Generator: expected no arguments");
  return {Ref<Generator>::adopt(new Generator)};
}

// An independent generator that continues like `g`.
PyGenerator copy_generator(const PyGenerator& g) {
  PyGenerator other = make_generator(py::args());
  other.ref->set_state(g.ref->state());
  return other;
}

void init_generator(py::module_& m) {
  py::class_<PyGenerator> cls(
      m, "Generator", "A source of random numbers: Philox 4x32-10, a counter-based generator.");
  construct_in_new<PyGenerator, &make_generator>(cls);
  cls.def("__copy__", &copy_generator)
      .def("__deepcopy__", [](const PyGenerator& g, py::dict) { return copy_generator(g); })
      .def(
          "manual_seed",
          [](py::object self, py::int_ seed) {
            // any Python int: its low 64 bits count
            uint64_t bits = PyLong_AsUnsignedLongLongMask(seed.ptr());
            self.cast<PyGenerator&>().ref->manual_seed(bits);
            return self;
          },
          "Starts the sequence that belongs to the seed.")
      .def(
          "initial_seed", [](PyGenerator& g) { return g.ref->seed(); }, "The seed in use.")
      .def(
          "get_state",
          [](PyGenerator& g) {
            return py::reinterpret_steal<py::object>(wrap(pack_state(g.ref->state())));
          },
          "The state as a ByteTensor; set_state continues from it exactly.")
      .def(
          "set_state",
          [](py::object self, py::object state) {
            self.cast<PyGenerator&>().ref->set_state(unpack_state(state));
            return self;
          },
          "Continues from a state of get_state.");
  static Ref<Generator> shared = [] {
    default_generator().retain();
    return Ref<Generator>::adopt(&default_generator());
  }();
  m.attr("default_generator") = py::cast(PyGenerator{shared});
}

void init_runtime(py::module_& m) {
  m.def("_cpu_isa", [] { return isa_name(active_isa()); });
  m.def("_memory", [] {
    HostMemory h = host_memory();
    return py::make_tuple(h.allocated, h.max_allocated, h.cached, h.limit);
  });
  m.def("_reset_max_memory", &reset_max_memory);
  m.def("_empty_cache", &empty_cache);
  m.def("_set_cache_limit", &set_cache_limit);
  m.def("_default_dtype",
        [] { return py::reinterpret_borrow<py::object>(dtype_object(default_dtype())); });
  m.def("_set_default_dtype", [](py::object o) {
    if (!is_dtype(o.ptr()) || !is_floating(unwrap_dtype(o.ptr()))) {
      raise<TypeError>("set_default_tensor_type: expected a floating tensor type, got ",
                       py::str(o).cast<std::string>());
    }
    set_default_dtype(unwrap_dtype(o.ptr()));
  });
  // Methods that are written in Python; the types themselves cannot be changed from outside.
  m.def("_add_methods", [](py::dict methods) {
    for (auto [name, f] : methods) {
      if (PyDict_SetItem(tensor_type.tp_dict, name.ptr(), f.ptr()) < 0)
        throw py::error_already_set();
    }
    PyType_Modified(&tensor_type);
  });
  // Rows of the accuracy-bearing tables, for tests and documentation.
  m.def("_pointwise_rows", [] {
    py::list rows;
    auto add = [&](const char* family, const Row& r) {
      static constexpr const char* kDomains[] = {"floating", "arithmetic", "rounding", "predicate",
                                                 "bits",     "all",        "compare"};
      rows.append(py::dict(py::arg("family") = family, py::arg("name") = r.name,
                           py::arg("domain") = kDomains[static_cast<int>(r.domain)],
                           py::arg("lo") = r.lo, py::arg("hi") = r.hi, py::arg("ulp32") = r.ulp32,
                           py::arg("ulp64") = r.ulp64, py::arg("doc") = r.doc));
    };
    for (const Row& r : kUnaryRows) add("unary", r);
    for (const Row& r : kBinaryRows) add("binary", r);
    return rows;
  });
}

PyObject* get_num_threads_call(Args&) { return PyLong_FromLong(num_threads()); }
PyObject* set_num_threads_call(Args& a) {
  int64_t n = a.integer(0);
  set_num_threads(static_cast<int>(std::clamp<int64_t>(n, -1, INT_MAX)));
  Py_RETURN_NONE;
}

constexpr OpDef kRuntimeOps[] = {
    {"get_num_threads", kFunction, "()", &get_num_threads_call,
     "Threads that one operation may use."},
    {"set_num_threads", kFunction, "(n: int)", &set_num_threads_call,
     "Sets the number of threads that one operation may use, 1 to 1024."},
};

}  // namespace

}  // namespace torch::python

PYBIND11_MODULE(_C, m) {
  using namespace torch::python;
  m.doc() = "The compiled core of torch.";
  py::register_exception_translator([](std::exception_ptr p) {
    if (!p) return;
    try {
      std::rethrow_exception(p);
    } catch (const torch::Error&) {
      translate_exception();
    } catch (const PythonError&) {
    }
  });
  try {
    init_types(m.ptr());
    init_storage(m);
    init_file(m);
    init_generator(m);
    init_runtime(m);
    OpRegistry ops;
    add_elementwise(ops);
    add_reduce(ops);
    add_view(ops);
    add_copy(ops);
    add_index(ops);
    add_linalg(ops);
    add_random(ops);
    add_nn(ops);
    add_compat(ops);
    ops.add<kRuntimeOps>();
    ops.install(m.ptr());
  } catch (const PythonError&) {
    throw py::error_already_set();
  }
}
