#include "kernels/cpu/conv_onednn.h"

#include <algorithm>
#include <list>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "torch/allocator.h"
#include "torch/parallel.h"
#include "torch/tensor.h"

namespace torch::cpu {
namespace {

using kernels::Conv, kernels::product;
using Desc = dnnl::memory::desc;
using Tag = dnnl::memory::format_tag;

enum class Pass : uint8_t { kForward, kInputGrad, kWeightGrad };
constexpr const char* kNames[] = {"conv", "conv_input_grad", "conv_weight_grad"};

const dnnl::engine& engine() {
  // never destroyed: threads may outlive static destruction
  static auto* e = new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *e;
}

// A thread pays from about 0.3 ms of multiply-adds on: a convolution meets at more barriers than a
// matrix product does.
constexpr int64_t kThreadGrain = 12'000'000;

int64_t multiply_adds(const Conv& p) {
  double n = static_cast<double>(p.n) * static_cast<double>(p.o) *
             static_cast<double>(product(p.out)) * static_cast<double>(p.c / p.groups) *
             static_cast<double>(product(p.kernel));
  return static_cast<int64_t>(std::min(n, 1e18));
}

int64_t threads(const Conv& p) { return library_threads(multiply_adds(p), kThreadGrain); }

// Everything a primitive depends on. The number of threads is among it: oneDNN plans for it.
struct Key {
  std::array<int64_t, 24> values;
  Key(Pass pass, const Conv& p)
      : values{static_cast<int64_t>(pass),
               p.bias != nullptr,
               threads(p),
               p.input_last,
               p.output_last,
               p.groups,
               p.n,
               p.c,
               p.o} {
    auto* at = values.begin() + 9;
    for (const kernels::Triple& t : {p.in, p.kernel, p.stride, p.padding, p.dilation})
      at = std::copy(t.begin(), t.end(), at);
  }
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  size_t operator()(const Key& key) const {
    uint64_t h = 0;
    for (int64_t v : key.values) {
      h = (h ^ static_cast<uint64_t>(v)) * 0x9e3779b97f4a7c15u;
      h ^= h >> 32;
    }
    return h;
  }
};

// Formats of images inside the primitive; weights are always free.
enum class Layout : uint8_t { kFree, kChannelsLast, kPlain };

// Images, or volumes where there is a depth.
bool has_depth(const Conv& p) { return p.in[0] > 1 || p.kernel[0] > 1 || p.padding[0] > 0; }
Tag tag(Layout layout, bool depth) {
  if (layout == Layout::kFree) return Tag::any;
  if (layout == Layout::kPlain) return depth ? Tag::ncdhw : Tag::nchw;
  return depth ? Tag::ndhwc : Tag::nhwc;
}

// Measured with oneDNN 3.2 on AVX2, reorders to and from nchw included:
// - One input channel: nhwc and nchw are the same there, so that the input needs no reorder
//   (1.1 to 2 times faster than free formats).
// - The gradient of a thin input: matrix products on nchw (2 to 5 times faster than blocks that are
//   mostly padding).
// - Channels that do not fill blocks of 16: nhwc needs no padding (1.2 times faster).
Layout preferred(Pass pass, const Conv& p) {
  if (p.groups > 1) return Layout::kFree;
  if (p.c <= 4) {
    if (pass == Pass::kInputGrad) return Layout::kPlain;
    return p.c == 1 ? Layout::kChannelsLast : Layout::kFree;
  }
  return p.c % 16 == 0 && p.o % 16 == 0 ? Layout::kFree : Layout::kChannelsLast;
}

void check(dnnl_status_t status, const char* what) { dnnl::error::wrap_c_api(status, what); }

// One of the three tensors: nchw, nhwc or oihw for the user, perhaps another format inside.
struct Operand {
  dnnl::memory user, inner;
  dnnl::primitive reorder;  // empty when the formats agree
  dnnl_exec_arg_t reorder_args[2];
  size_t offset = 0;  // of `inner` in the workspace

  // `into` says that the user's memory is read.
  void init(const Desc& user_desc, const Desc& inner_desc, bool into, size_t* workspace_bytes) {
    user = dnnl::memory(user_desc, engine(), nullptr);
    if (user_desc == inner_desc) {
      inner = user;
      return;
    }
    inner = dnnl::memory(inner_desc, engine(), nullptr);
    const dnnl::memory &from = into ? user : inner, &to = into ? inner : user;
    reorder = dnnl::reorder(from, to);
    reorder_args[0] = {DNNL_ARG_FROM, from.get()};
    reorder_args[1] = {DNNL_ARG_TO, to.get()};
    offset = *workspace_bytes;
    *workspace_bytes += (inner_desc.get_size() + 63) / 64 * 64;
  }
  void bind(char* data, char* workspace) {
    check(dnnl_memory_set_data_handle(user.get(), data), "set_data_handle");
    if (reorder) bind_inner(workspace + offset);
  }
  void bind_inner(char* data) {
    check(dnnl_memory_set_data_handle(inner.get(), data), "set_data_handle");
  }
  void run_reorder(dnnl_stream_t stream) const {
    if (reorder) check(dnnl_primitive_execute(reorder.get(), stream, 2, reorder_args), "reorder");
  }
};

// Weights in the formats that primitives want, kept with the storage that they were made of while
// nothing is written there. A format is kept from its second use on: weights that are being trained
// change before it.
class Packed : public Storage::Attachment {
 public:
  // One format of the weights at an address; no memory after its first use.
  struct Format {
    const char* weight;
    Desc desc;
    Ref<Storage> memory;
  };

  // Memory for `weight` in this format: filled, or to be filled and kept (*fresh), or none.
  static Ref<Storage> memory(Storage& keeper, uint64_t writes, const char* weight,
                             const Desc& format, bool* fresh) {
    std::shared_ptr<Storage::Attachment> attached = keeper.attached();
    auto* old = dynamic_cast<const Packed*>(attached.get());
    for (size_t i = 0; old && old->writes_ == writes && i < old->formats_.size(); ++i) {
      const Format& f = old->formats_[i];
      if (f.weight != weight || f.desc != format) continue;
      if (f.memory) return f.memory;
      *fresh = true;
      return Ref<Storage>::adopt(
          Storage::allocate(DType::kUInt8, static_cast<int64_t>(format.get_size())));
    }
    keep(keeper, writes, {weight, format, {}});
    return {};
  }

  // What is attached is never changed, as other threads may read it.
  static void keep(Storage& keeper, uint64_t writes, Format format) {
    std::shared_ptr<Storage::Attachment> attached = keeper.attached();
    auto* old = dynamic_cast<const Packed*>(attached.get());
    auto packed = std::make_shared<Packed>();
    packed->writes_ = writes;
    if (old && old->writes_ == writes) {
      for (const Format& f : old->formats_) {
        if (f.weight != format.weight || f.desc != format.desc) packed->formats_.push_back(f);
      }
    }
    if (packed->formats_.size() == kFormats) packed->formats_.erase(packed->formats_.begin());
    packed->formats_.push_back(std::move(format));
    keeper.attach(std::move(packed));
  }

 private:
  static constexpr size_t kFormats = 8;

  uint64_t writes_ = 0;
  std::vector<Format> formats_;
};

// A primitive with the memory objects and reorders it needs. Belongs to one thread: the memory
// objects are bound to each call's data.
class Convolution {
 public:
  Convolution(Pass pass, const Conv& p) : pass_(pass) {
    init(p, preferred(pass, p));
    for (Layout other : {Layout::kFree, Layout::kPlain}) {
      if (reference_) init(p, other);
    }
  }

  void run(const Conv& p, dnnl_stream_t stream) {
    size_t block = 0;
    char* workspace =
        workspace_bytes_ ? static_cast<char*>(host_alloc(workspace_bytes_, &block)) : nullptr;
    struct Release {
      char* p;
      size_t block;
      ~Release() { host_free(p, block); }
    } release{workspace, block};
    input_.bind(p.input, workspace);
    weight_.bind(p.weight, workspace);
    output_.bind(p.output, workspace);
    if (bias_) check(dnnl_memory_set_data_handle(bias_.get(), p.bias), "set_data_handle");
    if (scratch_)
      check(dnnl_memory_set_data_handle(scratch_.get(), workspace + scratch_offset_),
            "set_data_handle");
    const Operand* written = pass_ == Pass::kForward     ? &output_
                             : pass_ == Pass::kInputGrad ? &input_
                                                         : &weight_;
    Ref<Storage> packed;
    bool fresh = false;
    uint64_t writes = 0;  // before the weight is read
    if (p.keeper && weight_.reorder && written != &weight_) {
      writes = p.keeper->writes();
      packed = Packed::memory(*p.keeper, writes, p.weight, weight_.inner.get_desc(), &fresh);
      if (packed) weight_.bind_inner(packed->data());
    }
    for (const Operand* operand : {&input_, &weight_, &output_}) {
      bool ready = operand == &weight_ && packed && !fresh;
      if (operand != written && !ready) operand->run_reorder(stream);
    }
    if (fresh) Packed::keep(*p.keeper, writes, {p.weight, weight_.inner.get_desc(), packed});
    check(dnnl_primitive_execute(primitive_.get(), stream, args_count_, args_), "convolution");
    written->run_reorder(stream);
  }

 private:
  void init(const Conv& p, Layout layout) {
    constexpr auto kFloat = dnnl::memory::data_type::f32;
    constexpr auto kDirect = dnnl::algorithm::convolution_direct;
    using Dims = dnnl::memory::dims;
    bool depth = has_depth(p);
    auto with = [&](Dims dims, const kernels::Triple& spatial, int64_t less = 0) {
      for (int i = depth ? 0 : 1; i < kernels::kSpatial; ++i) dims.push_back(spatial[i] - less);
      return dims;
    };
    Dims input = with({p.n, p.c}, p.in), output = with({p.n, p.o}, p.out);
    Dims weight = with(
        p.groups == 1 ? Dims{p.o, p.c} : Dims{p.groups, p.o / p.groups, p.c / p.groups}, p.kernel);
    Dims stride = with({}, p.stride), padding = with({}, p.padding);
    Dims dilation = with({}, p.dilation, 1);  // oneDNN counts the holes
    Desc x(input, kFloat, tag(layout, depth)), w(weight, kFloat, Tag::any),
        y(output, kFloat, tag(layout, depth));
    Desc b = p.bias ? Desc({p.o}, kFloat, Tag::x) : Desc();
    dnnl::primitive_attr attr;
    attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);

    using dnnl::convolution_backward_data, dnnl::convolution_backward_weights,
        dnnl::convolution_forward;
    convolution_forward::primitive_desc forward(engine(), dnnl::prop_kind::forward_training,
                                                kDirect, x, w, b, y, stride, dilation, padding,
                                                padding, attr);
    Desc inner_x, inner_w, inner_y, scratch;
    auto take = [&](const auto& desc, const Desc& dx, const Desc& dw, const Desc& dy,
                    auto primitive) {
      primitive_ = primitive;
      inner_x = dx;
      inner_w = dw;
      inner_y = dy;
      scratch = desc.scratchpad_desc();
      reference_ = std::string_view(desc.impl_info_str()).starts_with("ref");
    };
    if (pass_ == Pass::kForward) {
      take(forward, forward.src_desc(), forward.weights_desc(), forward.dst_desc(),
           convolution_forward(forward));
    } else if (pass_ == Pass::kInputGrad) {
      convolution_backward_data::primitive_desc d(engine(), kDirect, x, w, y, stride, dilation,
                                                  padding, padding, forward, attr);
      take(d, d.diff_src_desc(), d.weights_desc(), d.diff_dst_desc(), convolution_backward_data(d));
    } else {
      convolution_backward_weights::primitive_desc d(engine(), kDirect, x, w, y, stride, dilation,
                                                     padding, padding, forward, attr);
      take(d, d.src_desc(), d.diff_weights_desc(), d.diff_dst_desc(),
           convolution_backward_weights(d));
    }

    workspace_bytes_ = 0;
    input_ = weight_ = output_ = Operand();
    auto lies = [&](bool last) {
      return tag(last ? Layout::kChannelsLast : Layout::kPlain, depth);
    };
    Tag plain_weight = depth ? (p.groups == 1 ? Tag::oidhw : Tag::goidhw)
                             : (p.groups == 1 ? Tag::oihw : Tag::goihw);
    input_.init(Desc(input, kFloat, lies(p.input_last)), inner_x, pass_ != Pass::kInputGrad,
                &workspace_bytes_);
    weight_.init(Desc(weight, kFloat, plain_weight), inner_w, pass_ != Pass::kWeightGrad,
                 &workspace_bytes_);
    output_.init(Desc(output, kFloat, lies(p.output_last)), inner_y, pass_ != Pass::kForward,
                 &workspace_bytes_);
    args_count_ = 0;
    auto add = [&](int name, const dnnl::memory& m) { args_[args_count_++] = {name, m.get()}; };
    add(pass_ == Pass::kInputGrad ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, input_.inner);
    add(pass_ == Pass::kWeightGrad ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, weight_.inner);
    add(pass_ == Pass::kForward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, output_.inner);
    if (p.bias && pass_ == Pass::kForward) {
      bias_ = dnnl::memory(b, engine(), nullptr);
      add(DNNL_ARG_BIAS, bias_);
    }
    scratch_ = dnnl::memory();
    if (scratch.get_size() > 0) {
      scratch_ = dnnl::memory(scratch, engine(), nullptr);
      scratch_offset_ = workspace_bytes_;
      workspace_bytes_ += scratch.get_size();
      add(DNNL_ARG_SCRATCHPAD, scratch_);
    }
  }

  Pass pass_;
  bool reference_ = false;  // oneDNN's slow last resort
  dnnl::primitive primitive_;
  Operand input_, weight_, output_;
  dnnl::memory bias_, scratch_;
  dnnl_exec_arg_t args_[5];
  int args_count_ = 0;
  size_t scratch_offset_ = 0, workspace_bytes_ = 0;
};

// The convolutions used last. One cache per thread, so that no lock is needed and no two calls bind
// the same memory objects.
class Cache {
 public:
  void run(Pass pass, const Conv& p) {
    Key key(pass, p);
    auto found = index_.find(key);
    if (found == index_.end()) {
      if (index_.size() >= kCapacity) {
        index_.erase(entries_.back().key);
        entries_.pop_back();
      }
      entries_.push_front({key, Convolution(pass, p)});
      index_.emplace(key, entries_.begin());
    } else {
      entries_.splice(entries_.begin(), entries_, found->second);
    }
    entries_.front().convolution.run(p, stream_.get());
  }

 private:
  static constexpr size_t kCapacity = 256;
  struct Entry {
    Key key;
    Convolution convolution;
  };
  dnnl::stream stream_{engine()};
  std::list<Entry> entries_;  // last used first
  std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> index_;
};

void run(Pass pass, const Conv& p) {
  use_threads_in_libraries(multiply_adds(p), kThreadGrain);
  try {
    thread_local Cache cache;
    cache.run(pass, p);
  } catch (const dnnl::error& e) {
    raise<RuntimeError>(kNames[static_cast<int>(pass)], ": oneDNN: ", e.what());
  }
}

}  // namespace

void conv_onednn(const Conv& p) { run(Pass::kForward, p); }
void conv_input_grad_onednn(const Conv& p) { run(Pass::kInputGrad, p); }
void conv_weight_grad_onednn(const Conv& p) { run(Pass::kWeightGrad, p); }

}  // namespace torch::cpu
