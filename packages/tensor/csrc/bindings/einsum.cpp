#include "torch/ops/einsum.h"

#include <string>

#include "bindings/parser.h"
#include "torch/ops/reduce.h"

namespace torch::python {
namespace {

// (equation, operands, *, optimize = True)
PyObject* einsum_call(Args& a) {
  PyObject* text = a.object(0);
  if (!PyUnicode_Check(text)) {
    raise<TypeError>("einsum: expected subscripts like 'ij,jk->ik' as first argument, got ",
                     Py_TYPE(text)->tp_name);
  }
  Py_ssize_t length;
  const char* utf8 = PyUnicode_AsUTF8AndSize(text, &length);
  if (!utf8) throw PythonError{};
  std::string equation(utf8, static_cast<size_t>(length));
  std::vector<Tensor> operands = a.tensors(1);
  bool optimize = a.boolean(2);
  Tensor* out = a.out();
  Tensor result;
  {
    int64_t work = 0;
    for (const Tensor& t : operands) work = std::max(work, t.numel());
    ReleaseGil release(work);
    result = ops::einsum(equation, operands, optimize, out);
  }
  if (!out && result.ndim() == 0) return to_python(ops::item(result));
  return a.finish(std::move(result));
}

constexpr OpDef kOps[] = {
    {"einsum", kFunction | kOut, "(equation: object, operands: operands, *, optimize: bool = True)",
     &einsum_call,
     "Einstein's summation: the equation has a letter per dimension of each operand, 'ij,jk->ik'; "
     "letters that the result does not name are summed over, a letter twice in one operand is its "
     "diagonal, '...' stands for further dimensions, which broadcast. Without '->' the result has "
     "the letters that occur once, in alphabetical order. A result without dimensions is a "
     "number; one that only reorders an operand is a view of it. Pairs are contracted as matrix "
     "products, those first that leave the least, or from left to right without optimize. "
     "ValueError for an equation that does not fit the operands.",
     ">>> x = torch.tensor([[1, 2], [3, 4]])\n>>> torch.einsum('ij,kj->ik', x, x).tolist()\n"
     "[[5, 11], [11, 25]]\n>>> torch.einsum('ii', x)\n5"},
};

}  // namespace

void add_einsum(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
