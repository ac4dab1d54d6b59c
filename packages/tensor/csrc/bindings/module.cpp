// torch._C: types, ops, and what is not called often enough to need more than pybind11.
#include <pybind11/pybind11.h>

#include <algorithm>
#include <climits>

#include "bindings/parser.h"
#include "torch/allocator.h"
#include "torch/parallel.h"
#include "torch/registry.h"

namespace py = pybind11;

namespace torch::python {

void init_types(PyObject* module);    // tensor_type.cpp
void init_storage(py::module_& m);    // storage.cpp
void init_generator(py::module_& m);  // generator.cpp
void init_file(py::module_& m);       // file.cpp
void init_twin(PyObject* module);     // twin.cpp

namespace {

void init_runtime(py::module_& m) {
  m.def("_cpu_isa", [] { return isa_name(active_isa()); });
  m.def("_memory", [] {
    HostMemory h = host_memory();
    return py::make_tuple(h.allocated, h.max_allocated, h.cached, h.limit);
  });
  m.def("_reset_max_memory", &reset_max_memory);
  m.def("_empty_cache", &empty_cache);
  m.def("_set_cache_limit", &set_cache_limit);
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
                                                 "bits",     "all",        "compare",  "integers"};
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
     "Threads that one operation may use.", ">>> torch.get_num_threads() >= 1\nTrue"},
    {"set_num_threads", kFunction, "(n: int)", &set_num_threads_call,
     "Sets the number of threads that one operation may use: 1 to 1024, else ValueError.",
     ">>> n = torch.get_num_threads()\n>>> torch.set_num_threads(1)\n>>> "
     "torch.get_num_threads()\n1\n>>> torch.set_num_threads(n)"},
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
    init_twin(m.ptr());
    OpRegistry ops;
    add_elementwise(ops);
    add_reduce(ops);
    add_scan(ops);
    add_view(ops);
    add_create(ops);
    add_rearrange(ops);
    add_triangle(ops);
    add_copy(ops);
    add_exchange(ops);
    add_dlpack(ops);
    add_index(ops);
    add_mask(ops);
    add_apply(ops);
    add_linalg(ops);
    add_einsum(ops);
    add_lapack(ops);
    add_matrix(ops);
    add_random(ops);
    add_nn(ops);
    add_optim(ops);
    add_activation(ops);
    add_norm(ops);
    add_pool(ops);
    add_rnn(ops);
    add_compat(ops);
    add_sort(ops);
    add_search(ops);
    add_histogram(ops);
    ops.add<kRuntimeOps>();
    ops.install(m.ptr());
  } catch (const PythonError&) {
    throw py::error_already_set();
  }
}
