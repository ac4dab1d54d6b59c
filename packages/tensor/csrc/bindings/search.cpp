#include "torch/ops/search.h"

#include "bindings/parser.h"

namespace torch::python {
namespace {

// (self, values, *, right = False, side = None, sorter = None), values a tensor or a number
PyObject* searchsorted_call(Args& a) {
  bool right = a.boolean(2);
  if (a.has(3)) {
    PyObject* side = a.object(3);
    auto is = [&](const char* text) {
      return PyUnicode_Check(side) && PyUnicode_CompareWithASCIIString(side, text) == 0;
    };
    if (!is("left") && !is("right")) {
      raise<ValueError>("searchsorted: expected side to be 'left' or 'right', got ",
                        PyUnicode_Check(side) ? "another text" : Py_TYPE(side)->tp_name);
    }
    if (a.has(2) && right && is("left"))
      raise<ValueError>("searchsorted: right=True contradicts side='left'");
    right = is("right");
  }
  const Tensor* sorter = a.tensor_or_null(4);
  Input values = a.input(1);
  Tensor result;
  {
    ReleaseGil release(values.tensor ? values.tensor->numel() : 1);
    result = ops::searchsorted(a.self(), values, right, sorter);
  }
  return a.finish_one(std::move(result));
}

// (elements, test_elements, *, assume_unique = False, invert = False), one of both may be a number
PyObject* isin_call(Args& a) {
  Input elements = a.input(0), test = a.input(1);
  bool invert = a.boolean(3);
  Tensor result;
  {
    ReleaseGil release((elements.tensor ? elements.tensor->numel() : 1) +
                       (test.tensor ? test.tensor->numel() : 1));
    result = ops::isin(elements, test, invert);
  }
  return a.finish_one(std::move(result));
}

constexpr OpDef kOps[] = {
    {"searchsorted", kMethod | kFunction | kOut,
     "(self: Tensor, values: Tensor, *, right: bool = False, side: object = None, sorter: "
     "LongTensor = None) | (self: Tensor, values: number, *, right: bool = False, side: object = "
     "None, sorter: LongTensor = None)",
     &searchsorted_call,
     "Where values fit into an ascending sequence: the number of its elements that are smaller, "
     "or not larger with right=True (side='right'). The sequence is a vector, or (..., m) for "
     "values of size (..., n); the result is a LongTensor of the values' size. NaN counts as "
     "larger than every number. `sorter` holds the positions that sort the sequence. ValueError "
     "where the sizes do not match.",
     ">>> torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([0, 3, 9])).tolist()\n"
     "[0, 1, 3]"},
    {"isin", kFunction | kOut,
     "(elements: Tensor, test_elements: Tensor, *, assume_unique: bool = False, invert: bool = "
     "False) | (elements: Tensor, test_elements: number, *, assume_unique: bool = False, invert: "
     "bool = False) | (elements: number, test_elements: Tensor, *, assume_unique: bool = False, "
     "invert: bool = False)",
     &isin_call,
     "Whether each of the elements equals one of test_elements (or none, with invert=True), a "
     "BoolTensor of the elements' size. Dtypes promote; NaN equals nothing. assume_unique changes "
     "nothing.",
     ">>> torch.isin(torch.tensor([1, 2, 3]), torch.tensor([3, 1])).tolist()\n"
     "[True, False, True]"},
};

}  // namespace

void add_search(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
