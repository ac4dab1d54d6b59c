// The Python objects around Tensor: torch.Tensor and one subclass per dtype. Plain CPython types
// with slots and a free list.
#pragma once
#include <Python.h>

#include <string>

#include "torch/ops/elementwise.h"
#include "torch/tensor.h"

namespace torch::python {

struct TensorObject {
  PyObject_HEAD Tensor tensor;
  PyObject* weakrefs;
};

extern PyTypeObject tensor_type;            // torch.Tensor
extern PyTypeObject tensor_types[kDTypes];  // torch.FloatTensor, ...
extern PyTypeObject dtype_type;             // torch.dtype
extern PyObject* file_error;                // torch.serialization.FileError

inline bool is_tensor(PyObject* o) {
  PyTypeObject* t = Py_TYPE(o);
  return t->tp_base == &tensor_type || PyType_IsSubtype(t, &tensor_type);
}
inline Tensor& unwrap(PyObject* o) { return reinterpret_cast<TensorObject*>(o)->tensor; }
PyObject* wrap(Tensor&& t);
inline PyObject* wrap(const Tensor& t) { return wrap(Tensor(t)); }

PyObject* dtype_object(DType t);  // borrowed
bool is_dtype(PyObject* o);
DType unwrap_dtype(PyObject* o);
// What stands for a dtype where one is expected: a dtype, a tensor class, Python's and NumPy's
// types and dtypes, and every str that is not a device's.
bool names_dtype(PyObject* o);
// Its dtype; ValueError naming `op` for an unknown name, RuntimeError for torch.cuda's classes
// without CUDA, TypeError for anything else.
DType find_dtype(const char* op, PyObject* o);
PyObject* device_object(Device d);  // torch.device, a new reference
void init_dtypes(PyObject* module);
// "cpu", "cuda" or "cuda:1", as a str (torch.device is one); ValueError naming `op` for others.
Device unwrap_device(const char* op, PyObject* text);
DType default_dtype();
void set_default_dtype(DType t);

// A Python error is set; unwinds to the entry point.
struct PythonError {};
// Turns the current C++ exception into a Python error.
void translate_exception() noexcept;

// Runs f() as the body of an entry point: C++ exceptions become Python errors and `failure` is
// returned.
template <class F, class R = PyObject*>
R guarded(F&& f, R failure = R{}) noexcept {
  try {
    return f();
  } catch (...) {
    translate_exception();
    return failure;
  }
}

// Owned reference.
class Object {
 public:
  Object() = default;
  explicit Object(PyObject* p) : p_(p) {
    if (!p) throw PythonError{};
  }
  static Object share(PyObject* p) { return Object(Py_NewRef(p)); }
  Object(Object&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  Object& operator=(Object&& o) noexcept {
    std::swap(p_, o.p_);
    return *this;
  }
  ~Object() { Py_XDECREF(p_); }
  PyObject* get() const { return p_; }
  PyObject* release() { return std::exchange(p_, nullptr); }

 private:
  PyObject* p_ = nullptr;
};

// Releases the interpreter lock for work that takes more than a few microseconds.
inline constexpr int64_t kLongWork = 16384;  // elements
class ReleaseGil {
 public:
  explicit ReleaseGil(int64_t work) : state_(work > kLongWork ? PyEval_SaveThread() : nullptr) {}
  ~ReleaseGil() {
    if (state_) PyEval_RestoreThread(state_);
  }
  ReleaseGil(const ReleaseGil&) = delete;

 private:
  PyThreadState* state_;
};

PyObject* to_python(Scalar s);
PyObject* element(const Tensor& t, int64_t offset);  // of the element at t's first one + offset
bool is_number(PyObject* o);                         // Python or NumPy number, not a tensor
bool is_array(PyObject* o);                          // numpy.ndarray
bool is_scalar_array(PyObject* o);                   // numpy.ndarray without dimensions
bool is_scalar_like(PyObject* o);                    // tensor or numpy.ndarray without dimensions
Scalar to_scalar(PyObject* o);                       // of is_number or is_scalar_like
int64_t to_int(PyObject* o);         // of an index-like object; OverflowError beyond 64 bits
int64_t to_position(PyObject* o);    // the same with an IndexError
PyObject* to_size(const Shape& s);   // torch.Size
Shape to_shape(PyObject* sequence);  // of a list or tuple of ints
PyObject* size_type();               // torch.Size, borrowed

// Whether `o` (or an item of it, for lists and tuples) takes torch functions over.
bool is_overloaded(PyObject* o);

// slots of other families
PyObject* index_get(PyObject* self, PyObject* key);
int index_set(PyObject* self, PyObject* key, PyObject* value);
PyObject* new_tensor(PyTypeObject* type, PyObject* args, PyObject* kwargs);
Tensor from_data(PyObject* data, const DType* dtype,
                 const char* op);  // nested sequences, numbers, arrays
// The memory of an array or another object with a buffer. kMaybe copies what cannot be shared: what
// is read-only, misaligned or in another byte order.
enum class Sharing : uint8_t { kShare, kCopy, kMaybe };
Tensor from_buffer(PyObject* object, const char* op, Sharing sharing);
Tensor from_dlpack(PyObject* object, const char* op, Sharing sharing);
bool exports_dlpack(PyObject* o);
// Shares the memory of `data` where it is an array or the like, unless that needs a copy and copies
// are refused; null Tensor where `data` itself is the result.
Tensor as_tensor(PyObject* data, const DType* dtype, const char* op, Sharing sharing);
PyObject* to_array(PyObject* tensor);
PyObject* array_interface(const Tensor& t);
PyObject* to_list(const Tensor& t);  // nested lists, or one number
// Sets a BufferError, which other libraries expect where memory cannot be handed over.
[[noreturn]] void refuse_buffer(const std::string& text);
PyObject* wrap_storage(const Ref<Storage>& s);
bool is_storage(PyObject* o);
Ref<Storage> unwrap_storage(PyObject* o);
int tensor_get_buffer(PyObject* self, Py_buffer* view, int flags);
void tensor_release_buffer(PyObject* self, Py_buffer* view);

}  // namespace torch::python
