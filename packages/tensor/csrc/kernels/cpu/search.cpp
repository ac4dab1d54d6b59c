#include "kernels/cpu/sort_row.h"
#include "kernels/cpu/tally.h"
#include "kernels/sort_table.h"

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

// Smallest and largest key.
template <class T>
std::pair<uint64_t, uint64_t> key_range(const T* x, int64_t n) {
  Range<T> r = range_of_row(KeyOf<T>{x, 0}, n);
  return {r.smallest, r.largest};
}

// Whether to make a table with an entry for every key from the smallest to the largest: it is short
// against the n elements, and its `bytes` per entry stay in the last cache.
inline bool fits_table(uint64_t span, int64_t n, int64_t bytes) {
  return span < static_cast<uint64_t>(std::clamp<int64_t>(n / 4, 1 << 12, (1 << 24) / bytes));
}

template <class T>
void isin(const char* elements, int64_t n, const char* test_bytes, int64_t m, bool invert,
          bool* out) {
  auto* x = reinterpret_cast<const T*>(elements);
  auto* test = reinterpret_cast<const T*>(test_bytes);
  constexpr int64_t kGrain = 16384;
  constexpr int64_t kFew = 12;
  if (m <= kFew) {
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
  auto [smallest, largest] = key_range(test, m);
  if (fits_table(largest - smallest, 32 * (n + m), sizeof(char))) {
    const uint64_t base = smallest, span = largest - smallest;
    std::vector<char> table(span + 1);
    for (int64_t i = 0; i < m; ++i) {
      Key k = Order<T>::key(test[i]);
      table[k - base] = !Order<T>::is_nan(k);
    }
    parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        uint64_t at = Order<T>::key(x[i]) - base;
        out[i] = (at <= span && table[at]) != invert;
      }
    });
    return;
  }
  SortedKeys<T> sorter;
  const auto* keys = sorter.sort(test, m);
  using Wide = typename SortedKeys<T>::Key;
  parallel_for(n, 2048, [&](int64_t begin, int64_t end) {
    auto at = [keys](int64_t i) { return keys[i]; };
    auto before = [](Wide a, Wide b) { return a < b; };
    for (int64_t i = begin; i < end; i += kTogether) {
      int count = static_cast<int>(std::min<int64_t>(kTogether, end - i));
      Wide query[kTogether];
      int64_t found[kTogether];
      for (int j = 0; j < count; ++j) query[j] = Order<T>::key(x[i + j]);
      search_together<Wide>(m, at, query, count, before, found);
      for (int j = 0; j < count; ++j) {
        bool equal = found[j] < m && keys[found[j]] == query[j] &&
                     !Order<T>::is_nan(static_cast<Key>(query[j]));
        out[i + j] = equal != invert;
      }
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
template <class T, class At>
void unique_of_sorted(At at, int64_t n, const int64_t* positions, kernels::UniqueOutput& out) {
  using Key = typename Order<T>::Key;
  int64_t parts = std::clamp<int64_t>(n / kLongRow, 1, num_threads());
  int64_t step = (n + parts - 1) / parts;
  std::vector<int64_t> first_run(parts + 1);
  auto each_part = [&](auto&& body) {
    parallel_for(parts, 1, [&](int64_t first, int64_t last) {
      for (int64_t p = first; p < last; ++p) body(p, p * step, std::min(n, (p + 1) * step));
    });
  };
  auto starts = [&](int64_t i) { return i == 0 || at(i) != at(i - 1); };
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
        reinterpret_cast<T*>(out.values)[run] = Order<T>::value(static_cast<Key>(at(i)));
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
  auto [smallest, largest] = key_range(x, n);
  if (fits_table(largest - smallest, n, sizeof(int64_t))) {
    unique_by_table(x, n, smallest, static_cast<int64_t>(largest - smallest) + 1, out);
  } else if (out.inverse) {
    Buffer<T> values(n);
    Buffer<int64_t> positions(n);
    WordScratch scratch;
    const T* sorted = values.data();
    sort_row(KeyOf<T>{x, 0}, n, values.data(), positions.data(), scratch);
    unique_of_sorted<T>([sorted](int64_t i) { return Order<T>::key(sorted[i]); }, n,
                        positions.data(), out);
  } else {
    SortedKeys<T> sorter;
    const auto* keys = sorter.sort(x, n);
    unique_of_sorted<T>([keys](int64_t i) { return keys[i]; }, n, nullptr, out);
  }
}

constexpr kernels::SearchTable make_table() {
  kernels::SearchTable t{};
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind) \
  t.searchsorted[i] = &searchsorted<ctype>; \
  t.isin[i] = &isin<ctype>;                 \
  t.unique[i] = &unique<ctype>;             \
  ++i;
#include "torch/dtype.def"
#undef DTYPE
  return t;
}

}  // namespace

extern constinit const kernels::SearchTable search = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
