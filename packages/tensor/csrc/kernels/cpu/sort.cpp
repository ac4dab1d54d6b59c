#include <memory>

#include "kernels/cpu/select_key.h"
#include "kernels/cpu/sort_row.h"
#include "kernels/cpu/tally.h"
#include "kernels/sort_table.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

using kernels::Rows;

// Rows are shared out among the threads when there are enough of them, or when they are too short
// to be shared themselves. body(row, scratch), where Scratch lives as long as one thread's part.
template <class Scratch, class F>
void for_rows(int64_t rows, int64_t n, F&& body) {
  if (rows >= num_threads() || n < kLongRow) {
    parallel_for(rows, std::max<int64_t>(1, 8192 / n), [&](int64_t begin, int64_t end) {
      Scratch scratch;
      for (int64_t r = begin; r < end; ++r) body(r, scratch);
    });
  } else {
    Scratch scratch;
    for (int64_t r = 0; r < rows; ++r) body(r, scratch);
  }
}

struct NoScratch {};

template <class T>
void sort_rows(const Rows& r, bool descending, char* values, int64_t* positions) {
  for_rows<WordScratch>(r.rows, r.n, [&](int64_t row, WordScratch& scratch) {
    sort_row(keys_of(reinterpret_cast<const T*>(r.in) + row * r.n, descending), r.n,
             values ? reinterpret_cast<T*>(values) + row * r.n : nullptr,
             positions ? positions + row * r.n : nullptr, scratch);
  });
}

// The k first of a row: what comes before the k-th key, and the first elements that have it.
struct SelectScratch {
  WordScratch words;
  Buffer<uint64_t> keys, values;
  Buffer<int64_t> positions, order;
};

// Calls f(i) for the elements of a block of [begin, begin + n) for which wanted(i) says so, and
// perhaps for neighbours of them. Most blocks hold none: whether one does is a vector loop.
constexpr int kTestBlock = 64;
template <class N, class Wanted, class F>
inline __attribute__((always_inline)) void each_near(int64_t begin, N n, Wanted&& wanted, F&& f) {
  alignas(64) uint8_t flags[kTestBlock] = {};
  for (int i = 0; i < n; ++i) flags[i] = wanted(begin + i);
  uint64_t eight[kTestBlock / 8];
  std::memcpy(eight, flags, sizeof eight);
  for (int i = 0; i < n; i += 8) {
    if (eight[i / 8] == 0) continue;
    for (int j = i; j < std::min<int>(n, i + 8); ++j) f(begin + j, flags[j]);
  }
}
template <class Wanted, class F>
void each_wanted(int64_t begin, int64_t end, Wanted&& wanted, F&& f) {
  for (; begin + kTestBlock <= end; begin += kTestBlock)
    each_near(begin, std::integral_constant<int, kTestBlock>{}, wanted, f);
  if (begin < end) each_near(begin, static_cast<int>(end - begin), wanted, f);
}

// The first k elements seen so far, and others that come before the last of them.
template <class T>
class Best {
 public:
  Best(const KeyOf<T>& key, int64_t k, SelectScratch& s)
      : key_(key), k_(k), room_(4 * k + kTestBlock), words_(s.words) {
    const int64_t all = room_ + kTestBlock + k;
    x_ = reinterpret_cast<T*>(s.values.reserve(all));
    at_ = s.positions.reserve(all);
    order_ = s.order.reserve(all);
  }

  // Elements [begin, end) of the row, behind all that were added before.
  void add(int64_t begin, int64_t end) {
    for (; begin < end; begin += kTestBlock) {
      auto wanted = [this](int64_t i) { return !full_ | (key_(i) < last_); };
      auto take = [this](int64_t i, bool is) {
        x_[count_] = key_.x[i];
        at_[count_] = i;
        count_ += is;
      };
      each_wanted(begin, std::min(end, begin + kTestBlock), wanted, take);
      if (count_ > room_) keep_first();
    }
  }
  void add(const Best& next) {
    std::memcpy(x_ + count_, next.x_, next.count_ * sizeof(T));
    std::memcpy(at_ + count_, next.at_, next.count_ * sizeof(int64_t));
    count_ += next.count_;
    keep_first();
  }

  // Sorts them: the first k or, where there were not so many, all.
  void keep_first() {
    T* x = x_ + room_ + kTestBlock;
    int64_t* at = at_ + room_ + kTestBlock;
    const int64_t kept = std::min(count_, k_);
    sort_row(KeyOf<T>{x_, key_.flip}, count_, static_cast<T*>(nullptr), order_, words_);
    for (int64_t i = 0; i < kept; ++i) {
      x[i] = x_[order_[i]];
      at[i] = at_[order_[i]];
    }
    std::memcpy(x_, x, kept * sizeof(T));
    std::memcpy(at_, at, kept * sizeof(int64_t));
    count_ = kept;
    full_ = kept == k_;
    if (full_) last_ = static_cast<Key>(Order<T>::key(x[k_ - 1]) ^ key_.flip);
  }
  const T* values() const { return x_; }
  const int64_t* positions() const { return at_; }

 private:
  using Key = typename Order<T>::Key;
  KeyOf<T> key_;
  int64_t k_, room_, count_ = 0;
  bool full_ = false;
  Key last_ = 0;
  T* x_;
  int64_t *at_, *order_;
  WordScratch& words_;
};

// Few of many: what comes before the k-th of those seen so far is collected.
template <class T>
void topk_of_many(const KeyOf<T>& key, int64_t n, int64_t k, T* values, int64_t* positions,
                  SelectScratch& s) {
  Best<T> best(key, k, s);
  const int64_t parts = std::max<int64_t>(1, library_threads(n, kLongRow));
  const int64_t step = (n + parts - 1) / parts;
  std::vector<SelectScratch> scratch(parts - 1);
  std::vector<std::unique_ptr<Best<T>>> others(parts - 1);
  parallel_for(parts, 1, [&](int64_t first, int64_t last) {
    for (int64_t p = first; p < last; ++p) {
      if (p > 0) others[p - 1] = std::make_unique<Best<T>>(key, k, scratch[p - 1]);
      Best<T>& own = p > 0 ? *others[p - 1] : best;
      own.add(p * step, std::min(n, (p + 1) * step));
      own.keep_first();
    }
  });
  for (auto& next : others) best.add(*next);
  std::memcpy(values, best.values(), k * sizeof(T));
  std::memcpy(positions, best.positions(), k * sizeof(int64_t));
}

template <class T>
void topk_row(const KeyOf<T>& key, int64_t n, int64_t k, bool sorted, T* values, int64_t* positions,
              SelectScratch& s) {
  using Key = typename Order<T>::Key;
  if (k == 0) return;
  if (n > 256 && k <= n / 512) return topk_of_many(key, n, k, values, positions, s);
  if (n <= 256 || (sorted && k > n / 4)) {
    int64_t* order = s.order.reserve(n);
    sort_row(key, n, static_cast<T*>(nullptr), order, s.words);
    std::memcpy(positions, order, k * sizeof(int64_t));
    for (int64_t i = 0; i < k; ++i) values[i] = key.x[order[i]];
    return;
  }
  Rank<Key> rank = select_key<Key>(key, n, k - 1, s.keys);
  int64_t parts = std::clamp<int64_t>(n / kLongRow, 1, num_threads());
  int64_t step = (n + parts - 1) / parts;
  // how many of each part are taken
  struct Part {
    int64_t smaller = 0, equal = 0, at = 0;
  };
  std::vector<Part> part(parts);
  if (parts > 1) {
    parallel_for(parts, 1, [&](int64_t first, int64_t last) {
      for (int64_t p = first; p < last; ++p) {
        int64_t smaller = 0, equal = 0;
        for (int64_t i = p * step, end = std::min(n, i + step); i < end; ++i) {
          Key v = key(i);
          smaller += v < rank.key;
          equal += v == rank.key;
        }
        part[p].smaller = smaller;
        part[p].equal = equal;
      }
    });
  }
  int64_t equal = k - rank.below, at = 0;
  for (Part& p : part) {
    p.equal = parts > 1 ? std::min(p.equal, equal) : equal;
    p.at = at;
    at += p.smaller + p.equal;
    equal -= p.equal;
  }
  int64_t* found = sorted ? s.positions.reserve(k) : positions;
  T* taken = sorted ? reinterpret_cast<T*>(s.values.reserve(k)) : values;
  parallel_for(parts, 1, [&](int64_t first, int64_t last) {
    for (int64_t p = first; p < last; ++p) {
      int64_t to = part[p].at;
      int64_t left = part[p].equal;
      each_wanted(
          p * step, std::min(n, (p + 1) * step), [&](int64_t i) { return key(i) <= rank.key; },
          [&](int64_t i, bool) {
            Key v = key(i);
            if (v < rank.key || (v == rank.key && left-- > 0)) {
              found[to] = i;
              taken[to++] = key.x[i];
            }
          });
    }
  });
  if (!sorted) return;
  int64_t* order = s.order.reserve(k);
  sort_row(KeyOf<T>{taken, key.flip}, k, values, order, s.words);
  for (int64_t i = 0; i < k; ++i) positions[i] = found[order[i]];
}

template <class T>
void topk_rows(const Rows& r, int64_t k, bool largest, bool sorted, char* values,
               int64_t* positions) {
  for_rows<SelectScratch>(r.rows, r.n, [&](int64_t row, SelectScratch& scratch) {
    topk_row(keys_of(reinterpret_cast<const T*>(r.in) + row * r.n, largest), r.n, k, sorted,
             reinterpret_cast<T*>(values) + row * k, positions + row * k, scratch);
  });
}

// The first NaN of a row, or -1.
template <class T>
int64_t first_nan(const T* x, int64_t n) {
  if constexpr (is_floating_type<T>) {
    constexpr int64_t kBlock = 1024;
    for (int64_t at = 0; at < n; at += kBlock) {
      int64_t stop = std::min(n, at + kBlock);
      int any = 0;
      for (int64_t i = at; i < stop; ++i) any |= Order<T>::is_nan(Order<T>::key(x[i]));
      if (!any) continue;
      for (int64_t i = at; i < stop; ++i) {
        if (Order<T>::is_nan(Order<T>::key(x[i]))) return i;
      }
    }
  }
  return -1;
}

// The position of the element with this rank.
template <class T>
int64_t position_of(const KeyOf<T>& key, int64_t n, typename Order<T>::Key wanted, int64_t skip) {
  constexpr int64_t kBlock = 64;
  for (int64_t at = 0; at < n; at += kBlock) {
    int64_t stop = std::min(n, at + kBlock);
    int count = 0;
    for (int64_t i = at; i < stop; ++i) count += key(i) == wanted;
    if (count <= skip) {
      skip -= count;
      continue;
    }
    for (int64_t i = at; i < stop; ++i) {
      if (key(i) == wanted && skip-- == 0) return i;
    }
  }
  return 0;
}

template <class T>
void kth_rows(const Rows& r, int64_t k, bool nan_wins, char* value, int64_t* position) {
  for_rows<SelectScratch>(r.rows, r.n, [&](int64_t row, SelectScratch& s) {
    const T* x = reinterpret_cast<const T*>(r.in) + row * r.n;
    auto key = keys_of(x, false);
    T* out = reinterpret_cast<T*>(value) + row;
    if (r.n <= kInsertionMost) {
      int64_t order[kInsertionMost];
      sort_short(key, r.n, static_cast<T*>(nullptr), order);
      int64_t at = order[k];
      if (nan_wins && Order<T>::is_nan(key(order[r.n - 1]))) at = first_nan(x, r.n);
      *out = x[at];
      if (position) position[row] = at;
      return;
    }
    int64_t at = nan_wins ? first_nan(x, r.n) : -1;
    if (at < 0) {
      auto rank = select_key<typename Order<T>::Key>(key, r.n, k, s.keys);
      if (!position) {
        *out = Order<T>::value(rank.key);
        return;
      }
      at = position_of(key, r.n, rank.key, k - rank.below);
    }
    *out = x[at];
    if (position) position[row] = at;
  });
}

template <class T>
void mode_rows(const Rows& r, char* value, int64_t* position) {
  for_rows<SortedKeys<T>>(r.rows, r.n, [&](int64_t row, SortedKeys<T>& scratch) {
    const T* x = reinterpret_cast<const T*>(r.in) + row * r.n;
    const auto* keys = scratch.sort(x, r.n);
    int64_t most = 0, start = 0;
    auto best = keys[0];
    for (int64_t i = 1; i <= r.n; ++i) {
      if (i < r.n && keys[i] == keys[start]) continue;
      if (i - start > most) {
        most = i - start;
        best = keys[start];
      }
      start = i;
    }
    int64_t at = r.n - 1;
    while (Order<T>::key(x[at]) != best) --at;
    reinterpret_cast<T*>(value)[row] = x[at];
    position[row] = at;
  });
}

template <class T>
void partition_rows(const Rows& r, int64_t k, char* values, int64_t* positions) {
  for_rows<SelectScratch>(r.rows, r.n, [&](int64_t row, SelectScratch& s) {
    using Key = typename Order<T>::Key;
    const T* x = reinterpret_cast<const T*>(r.in) + row * r.n;
    auto key = keys_of(x, false);
    Rank<Key> rank = select_key<Key>(key, r.n, k, s.keys);
    T* v = values ? reinterpret_cast<T*>(values) + row * r.n : nullptr;
    int64_t* p = positions ? positions + row * r.n : nullptr;
    // three runs: smaller, equal, larger, each in the order of the row
    int64_t equal = 0;
    for (int64_t i = 0; i < r.n; ++i) equal += key(i) == rank.key;
    int64_t at[3] = {0, rank.below, rank.below + equal};
    for (int64_t i = 0; i < r.n; ++i) {
      Key y = key(i);
      int64_t to = at[(y >= rank.key) + (y > rank.key)]++;
      if (v) v[to] = x[i];
      if (p) p[to] = i;
    }
  });
}

template <class T>
void quantile_rows(const Rows& r, const std::vector<kernels::SortTable::Point>& points, char* out) {
  using Out = std::conditional_t<std::is_same_v<T, float>, float, double>;
  struct Scratch {
    SortedKeys<T> sorted;
    Buffer<uint64_t> keys;
  };
  for_rows<Scratch>(r.rows, r.n, [&](int64_t row, Scratch& s) {
    using Key = typename Order<T>::Key;
    const T* x = reinterpret_cast<const T*>(r.in) + row * r.n;
    auto* result = reinterpret_cast<Out*>(out) + row;
    const auto step = r.rows;
    if (first_nan(x, r.n) >= 0) {
      for (size_t i = 0; i < points.size(); ++i)
        result[i * step] = std::numeric_limits<Out>::quiet_NaN();
      return;
    }
    const bool few = points.size() <= 2;
    const auto* keys = few ? nullptr : s.sorted.sort(x, r.n);
    auto at = [&](int64_t k) {
      Key found =
          few ? select_key<Key>(keys_of(x, false), r.n, k, s.keys).key : static_cast<Key>(keys[k]);
      return static_cast<double>(Order<T>::value(found));
    };
    for (size_t i = 0; i < points.size(); ++i) {
      auto [low, weight] = points[i];
      double a = at(low), b = weight == 0 ? a : at(low + 1);
      // from the nearer end, so that both ends are met; equal infinities have no difference
      double v = a == b ? a : weight < 0.5 ? a + (b - a) * weight : b - (b - a) * (1 - weight);
      result[i * step] = static_cast<Out>(v);
    }
  });
}

// Distinct keys by counting them in a table.
template <class T>
void unique_by_table(const T* x, int64_t n, uint64_t base, int64_t span,
                     kernels::UniqueOutput& out) {
  using Key = typename Order<T>::Key;
  std::vector<int64_t> table(span);
  tally(n, span, table.data(), [=](int64_t begin, int64_t end, int64_t* counts) {
    for (int64_t i = begin; i < end; ++i) ++counts[Order<T>::key(x[i]) - base];
  });
  out.resize(span - std::count(table.begin(), table.end(), 0));
  int64_t found = 0;
  for (int64_t k = 0; k < span; ++k) {
    if (table[k] == 0) continue;
    reinterpret_cast<T*>(out.values)[found] =
        Order<T>::value(static_cast<Key>(base + static_cast<uint64_t>(k)));
    if (out.counts) out.counts[found] = table[k];
    table[k] = found++;
  }
  if (!out.inverse) return;
  parallel_for(n, kLongRow, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) out.inverse[i] = table[Order<T>::key(x[i]) - base];
  });
}

// Runs of equal keys of a sorted row; positions, where they are wanted, say where each key was.
template <class T, class Wide>
void unique_of_sorted(const Wide* keys, int64_t n, const int64_t* positions,
                      kernels::UniqueOutput& out) {
  using Key = typename Order<T>::Key;
  int64_t parts = std::clamp<int64_t>(n / kLongRow, 1, num_threads());
  int64_t step = (n + parts - 1) / parts;
  std::vector<int64_t> first_run(parts + 1);
  auto each_part = [&](auto&& body) {
    parallel_for(parts, 1, [&](int64_t first, int64_t last) {
      for (int64_t p = first; p < last; ++p) body(p, p * step, std::min(n, (p + 1) * step));
    });
  };
  auto starts = [&](int64_t i) { return i == 0 || keys[i] != keys[i - 1]; };
  each_part([&](int64_t p, int64_t begin, int64_t end) {
    int64_t count = 0;
    for (int64_t i = begin; i < end; ++i) count += starts(i);
    first_run[p + 1] = count;
  });
  for (int64_t p = 0; p < parts; ++p) first_run[p + 1] += first_run[p];
  const int64_t runs = first_run[parts];
  out.resize(runs);
  each_part([&](int64_t p, int64_t begin, int64_t end) {
    int64_t run = first_run[p] - 1;
    for (int64_t i = begin; i < end; ++i) {
      if (starts(i)) {
        ++run;
        reinterpret_cast<T*>(out.values)[run] = Order<T>::value(static_cast<Key>(keys[i]));
        if (out.counts) out.counts[run] = i;  // where the run starts
      }
      if (positions) out.inverse[positions[i]] = run;
    }
  });
  if (!out.counts) return;
  for (int64_t k = 0; k < runs; ++k)
    out.counts[k] = (k + 1 < runs ? out.counts[k + 1] : n) - out.counts[k];
}

template <class T>
void unique(const char* in, int64_t n, kernels::UniqueOutput& out) {
  auto* x = reinterpret_cast<const T*>(in);
  const KeyOf<T> key{x, 0};
  Range<T> range = range_of_row(key, n);
  const uint64_t base = range.smallest, span = range.largest - base;
  // a table with an entry for every key, when it is short against the row and stays in the cache
  if (span < static_cast<uint64_t>(std::clamp<int64_t>(n / 4, 1 << 12, 1 << 21))) {
    unique_by_table(x, n, base, static_cast<int64_t>(span) + 1, out);
    return;
  }
  SortedKeys<T> sorter;
  if (!out.inverse) return unique_of_sorted<T>(sorter.sort(x, n), n, nullptr, out);
  Buffer<T> values(n);
  Buffer<int64_t> positions(n);
  WordScratch scratch;
  T* sorted = values.data();
  sort_row(key, n, sorted, positions.data(), scratch);
  auto* keys = sorter.scratch.template keys<typename SortedKeys<T>::Key>(n).first;
  parallel_for(n, kLongRow, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) keys[i] = Order<T>::key(sorted[i]);
  });
  unique_of_sorted<T>(keys, n, positions.data(), out);
}

constexpr kernels::SortTable make_table() {
  kernels::SortTable t{};
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind)           \
  t.sort[i] = &sort_rows<OrderedAs<ctype>>;           \
  t.topk[i] = &topk_rows<OrderedAs<ctype>>;           \
  t.kth[i] = &kth_rows<OrderedAs<ctype>>;             \
  t.mode[i] = &mode_rows<OrderedAs<ctype>>;           \
  t.partition[i] = &partition_rows<OrderedAs<ctype>>; \
  t.unique[i] = &unique<OrderedAs<ctype>>;            \
  ++i;
#include "torch/dtype.def"
#undef DTYPE
#define QUANTILE(ctype) t.quantile[torch::index(dtype_of<ctype>)] = &quantile_rows<ctype>;
  QUANTILE(float)
  QUANTILE(double)
  QUANTILE(uint8_t)
  QUANTILE(int8_t)
  QUANTILE(int16_t)
  QUANTILE(int32_t)
  QUANTILE(int64_t)
#undef QUANTILE
  return t;
}

}  // namespace

extern constinit const kernels::SortTable sort = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
