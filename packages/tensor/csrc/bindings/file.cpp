// What torch.serialization needs of the core: checksums, mapped files, storages seen as bytes.
#include <fcntl.h>
#include <pybind11/pybind11.h>

#include <cerrno>
#include <string>

#include "bindings/object.h"
#include "torch/checksum.h"

namespace py = pybind11;

namespace torch::python {

PyObject* file_error = nullptr;

namespace {

Ref<Storage> to_storage(const char* op, py::handle o) {
  if (!is_storage(o.ptr()))
    raise<TypeError>(op, ": expected a storage, got ", Py_TYPE(o.ptr())->tp_name);
  return unwrap_storage(o.ptr());
}

uint32_t checksum(py::buffer buffer, uint32_t start, bool portable) {
  Py_buffer view;
  if (PyObject_GetBuffer(buffer.ptr(), &view, PyBUF_SIMPLE) < 0) throw py::error_already_set();
  uint32_t crc;
  {
    ReleaseGil release(view.len);
    auto bytes = static_cast<size_t>(view.len);
    crc = portable ? crc32c_portable(view.buf, bytes, start) : crc32c(view.buf, bytes, start);
  }
  PyBuffer_Release(&view);
  return crc;
}

// Room for n bytes of an open file, which makes writing them faster and a full disk known at once.
// OSError for a full disk; file systems that cannot reserve are no error.
void reserve(int fd, int64_t n) {
#if defined(__linux__)
  int failed;
  {
    ReleaseGil release(n);
    failed = fallocate(fd, 0, 0, n) == 0 ? 0 : errno;
  }
  if (failed == ENOSPC || failed == EDQUOT || failed == EFBIG || failed == EIO) {
    errno = failed;
    PyErr_SetFromErrno(PyExc_OSError);
    throw py::error_already_set();
  }
#endif
}

// Has the system begin to write bytes of a file to the disk, so that fsync finds less to do; it
// alone says whether they arrived.
void start_writing(int fd, int64_t offset, int64_t n) {
#if defined(__linux__)
  ReleaseGil release(n);
  sync_file_range(fd, offset, n, SYNC_FILE_RANGE_WRITE);
#endif
}

py::object adopt(Storage* s) {
  return py::reinterpret_steal<py::object>(wrap_storage(Ref<Storage>::adopt(s)));
}

}  // namespace

void init_file(py::module_& m) {
  file_error = PyErr_NewExceptionWithDoc(
      "torch.serialization.FileError",
      "A file that is damaged, incomplete, of another format, or that describes what a load does "
      "not build.\n\nThe one exception for whatever is wrong with a file; a RuntimeError.",
      PyExc_RuntimeError, nullptr);
  if (!file_error) throw py::error_already_set();
  m.attr("_FileError") = py::reinterpret_borrow<py::object>(file_error);
  m.def("_crc32c", &checksum, py::arg("buffer"), py::arg("start") = 0, py::arg("portable") = false);
  m.def("_storage_part", [](py::object whole, py::object dtype, int64_t offset_bytes, int64_t n) {
    Ref<Storage> s = to_storage("_storage_part", whole);
    if (!is_dtype(dtype.ptr()))
      raise<TypeError>("_storage_part: expected a dtype, got ", Py_TYPE(dtype.ptr())->tp_name);
    return adopt(Storage::part(s.get(), unwrap_dtype(dtype.ptr()), offset_bytes, n));
  });
  m.def("_reserve", &reserve);
  m.def("_start_writing", &start_writing);
  m.def("_map_file", [](int fd, int64_t nbytes) { return adopt(Storage::map_file(fd, nbytes)); });
  m.def("_check_later",
        [](py::object storage, uint32_t crc, int64_t check_bytes, std::string what) {
          to_storage("_check_later", storage)->check_later(crc, check_bytes, std::move(what));
        });
}

}  // namespace torch::python
