#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/cpu/order.h"
#include "kernels/sort_table.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// Several binary searches in step: what one waits for, the others' memory accesses hide.
constexpr int kTogether = 16;

// Position in sorted[0, m) of the first key that is not before each query; m > 0. at(i) is the key
// at i, before(key, query) the order.
template <class Key, class At, class Before>
void search_together(int64_t m, At at, const Key* query, int count, Before before, int64_t* out) {
  int64_t base[kTogether] = {};
  for (int64_t length = m; length > 1;) {
    int64_t half = length / 2;
    for (int j = 0; j < count; ++j) base[j] += before(at(base[j] + half - 1), query[j]) ? half : 0;
    length -= half;
  }
  for (int j = 0; j < count; ++j) out[j] = base[j] + before(at(base[j]), query[j]);
}

template <class T, bool right>
void search_range(const T* sorted, int64_t m, const T* values, int64_t n, int64_t* out) {
  using Key = typename Order<T>::Key;
  auto at = [sorted](int64_t i) { return Order<T>::key(sorted[i]); };
  auto before = [](Key a, Key b) { return right ? a <= b : a < b; };
  for (int64_t i = 0; i < n; i += kTogether) {
    int count = static_cast<int>(std::min<int64_t>(kTogether, n - i));
    Key query[kTogether];
    for (int j = 0; j < count; ++j) query[j] = Order<T>::key(values[i + j]);
    if (count == kTogether)
      search_together<Key>(m, at, query, kTogether, before, out + i);
    else
      search_together<Key>(m, at, query, count, before, out + i);
  }
}

template <class T>
void searchsorted(const char* sorted_bytes, int64_t m, const char* values_bytes, int64_t rows,
                  int64_t n, bool right, int64_t* out) {
  auto* sorted = reinterpret_cast<const T*>(sorted_bytes);
  auto* values = reinterpret_cast<const T*>(values_bytes);
  if (m == 0) {
    std::memset(out, 0, rows * n * sizeof(int64_t));
    return;
  }
  parallel_for(rows * n, 2048, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      int64_t row = begin / n, stop = std::min(end, (row + 1) * n);
      auto* search = right ? &search_range<T, true> : &search_range<T, false>;
      search(sorted + row * m, m, values + begin, stop - begin, out + begin);
      begin = stop;
    }
  });
}

template <class T>
void isin(const char* elements, int64_t n, const char* test_bytes, int64_t m, bool invert,
          bool* out) {
  auto* x = reinterpret_cast<const T*>(elements);
  auto* test = reinterpret_cast<const T*>(test_bytes);
  constexpr int64_t kGrain = 16384;
  if (m < kernels::SearchTable::kFewTests) {
    parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
      std::memset(out + begin, 0, end - begin);
      for (int64_t j = 0; j < m; ++j) {
        T t = test[j];
        for (int64_t i = begin; i < end; ++i) out[i] |= x[i] == t;
      }
      for (int64_t i = begin; invert && i < end; ++i) out[i] = !out[i];
    });
    return;
  }
  using Key = typename Order<T>::Key;
  while (m > 0 && Order<T>::is_nan(Order<T>::key(test[m - 1]))) --m;  // NaN equals nothing
  if (m == 0) {
    std::memset(out, invert, n);
    return;
  }
  const uint64_t base = Order<T>::key(test[0]), span = Order<T>::key(test[m - 1]) - base;
  // a table with an entry for every key, when it is short against the work and stays in the cache
  if (span < static_cast<uint64_t>(std::clamp<int64_t>(8 * (n + m), 1 << 12, 1 << 24))) {
    std::vector<char> table(span + 1);
    for (int64_t i = 0; i < m; ++i) table[Order<T>::key(test[i]) - base] = 1;
    parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        uint64_t at = Order<T>::key(x[i]) - base;
        out[i] = (at <= span && table[at]) != invert;
      }
    });
    return;
  }
  parallel_for(n, 2048, [&](int64_t begin, int64_t end) {
    int64_t found[kTogether];
    for (int64_t i = begin; i < end; i += kTogether) {
      int64_t count = std::min<int64_t>(kTogether, end - i);
      search_range<T, false>(test, m, x + i, count, found);
      for (int64_t j = 0; j < count; ++j) {
        Key k = Order<T>::key(x[i + j]);
        out[i + j] = (found[j] < m && Order<T>::key(test[found[j]]) == k) != invert;
      }
    }
  });
}

constexpr kernels::SearchTable make_table() {
  kernels::SearchTable t{};
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind)            \
  t.searchsorted[i] = &searchsorted<OrderedAs<ctype>>; \
  t.isin[i] = &isin<OrderedAs<ctype>>;                 \
                                                       \
  ++i;
#include "torch/dtype.def"
#undef DTYPE
  return t;
}

}  // namespace

extern constinit const kernels::SearchTable search = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
