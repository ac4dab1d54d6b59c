// torch.Generator.
#include "torch/generator.h"

#include <pybind11/pybind11.h>

#include <cstring>

#include "bindings/construct.h"
#include "bindings/parser.h"
#include "torch/registry.h"

namespace py = pybind11;

namespace torch::python {

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
  if (args.size() > 1)
    raise<TypeError>("Generator: expected at most one argument, the device, got ",
                     static_cast<int64_t>(args.size()));
  if (args.size() == 1) {
    PyObject* device = py::object(args[0]).ptr();
    if (!PyUnicode_Check(device))
      raise<TypeError>("Generator: expected a device, got ", Py_TYPE(device)->tp_name);
    Device d = unwrap_device("Generator", device);
    if (!d.is_cpu()) raise<RuntimeError>("Generator: there are none for ", missing_backend(d.type));
  }
  return {Ref<Generator>::adopt(new Generator)};
}

// An independent generator that continues like `g`.
PyGenerator copy_generator(const PyGenerator& g) {
  return {Ref<Generator>::adopt(new Generator(g.ref->state()))};
}

}  // namespace

void init_generator(py::module_& m) {
  py::class_<PyGenerator> cls(m, "Generator",
                              "A source of random numbers: Philox 4x32-10, a counter-based "
                              "generator.\n\nIts state is a seed and the number of counters used; "
                              "any number of threads may draw from one at once.");
  construct_in_new<PyGenerator, &make_generator>(cls);
  cls.def("__copy__", &copy_generator)
      .def("__deepcopy__", [](const PyGenerator& g, py::dict) { return copy_generator(g); })
      .def("clone", &copy_generator, "A new generator that continues like this one.")
      .def(
          "manual_seed",
          [](py::object self, py::object seed) {
            if (!PyIndex_Check(seed.ptr()) || is_tensor(seed.ptr()))
              raise<TypeError>("manual_seed: expected an int, got ", Py_TYPE(seed.ptr())->tp_name);
            Object whole(PyNumber_Index(seed.ptr()));
            self.cast<PyGenerator&>().ref->manual_seed(PyLong_AsUnsignedLongLongMask(whole.get()));
            return self;
          },
          "Starts the sequence that belongs to the seed; its low 64 bits count. Returns self.")
      .def(
          "seed", [](PyGenerator& g) { return g.ref->fresh_seed(); },
          "Seeds from the operating system; returns the seed.")
      .def(
          "initial_seed", [](PyGenerator& g) { return g.ref->state().seed; }, "The seed in use.")
      .def(
          "get_state",
          [](PyGenerator& g) {
            return py::reinterpret_steal<py::object>(wrap(pack_state(g.ref->state())));
          },
          "The state as a ByteTensor of size (16,); set_state continues from it exactly.")
      .def(
          "set_state",
          [](py::object self, py::object state) {
            self.cast<PyGenerator&>().ref->set_state(unpack_state(state));
            return self;
          },
          "Continues from a state of get_state; returns self. TypeError unless it is a tensor, "
          "ValueError unless it is a contiguous ByteTensor of size (16,).")
      .def_property_readonly(
          "device", [](PyGenerator&) { return device_name(Device{}); }, "Where it draws: 'cpu'.");
  static Ref<Generator> shared = [] {
    default_generator().retain();
    return Ref<Generator>::adopt(&default_generator());
  }();
  m.attr("default_generator") = py::cast(PyGenerator{shared});
}

}  // namespace torch::python
