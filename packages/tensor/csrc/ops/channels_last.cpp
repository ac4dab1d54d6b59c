#include "torch/ops/channels_last.h"

#include "kernels/nn_tables.h"
#include "torch/ops/copy.h"

namespace torch::ops {
namespace {

Shape channels_last_strides(const Shape& shape) {
  Shape strides = shape;
  int64_t step = shape[1];
  for (int d = shape.size() - 1; d > 1; --d) {
    strides[d] = step;
    step *= shape[d];
  }
  strides[0] = step;
  strides[1] = 1;
  return strides;
}

class ChannelsLast : public Storage::Pending {
 public:
  explicit ChannelsLast(Tensor elements) : elements_(std::move(elements)) {}

  void run(Storage& storage) override { storage.take_memory(*clone(elements_).storage()); }

  const Tensor& elements() const { return elements_; }

 private:
  Tensor elements_;  // (n, channels, ...) with its strides
};

}  // namespace

Tensor channels_last_view(const Tensor& t) {
  const Ref<Storage>& storage = t.storage();
  if (!storage->is_pending() || t.ndim() < 2 || t.offset() != 0) return {};
  std::shared_ptr<Storage::Attachment> attached = storage->attached();
  auto* last = dynamic_cast<const ChannelsLast*>(attached.get());
  if (!last) return {};
  const Tensor& e = last->elements();
  if (t.numel() != e.numel() || t.size(0) != e.size(0) || t.size(1) != e.size(1) ||
      !t.is_contiguous())
    return {};
  return Tensor(e.storage(), t.shape(), channels_last_strides(t.shape()), 0);
}

Tensor as_it_lies(const Tensor& t) {
  Tensor view = channels_last_view(t);
  return view.defined() ? view : t;
}

Tensor to_channels_last(const Tensor& t) {
  if (Tensor view = channels_last_view(t); view.defined()) return view;
  Tensor copied = empty_channels_last(t.shape(), t.dtype(), t.device());
  copy_(copied, t);
  return copied;
}

bool prefers_channels_last(const Shape& shape, DType dtype, Device device) {
  constexpr int64_t kFew = 4;  // channels that gain nothing from lying last
  return kernels::conv.on("conv", device).channels_last[index(dtype)] && shape.size() > 2 &&
         shape[1] > kFew && numel(shape) > shape[0] * shape[1];
}

Tensor empty_channels_last(const Shape& shape, DType dtype, Device device) {
  return Tensor(empty(shape, dtype, device).storage(), shape, channels_last_strides(shape), 0);
}

Tensor hide_channels_last(const Tensor& t) {
  Shape strides = contiguous_strides(t.shape());
  bool same = t.is_contiguous();
  return Tensor(same ? t.storage()
                     : Ref<Storage>::adopt(Storage::postpone(t.dtype(), t.numel(), t.device(),
                                                             std::make_shared<ChannelsLast>(t))),
                t.shape(), std::move(strides), 0);
}

}  // namespace torch::ops
