// Tables of the families sort, search and histogram, beside tables.h.
#pragma once
#include <array>
#include <vector>

#include "torch/registry.h"

namespace torch::kernels {

template <class Kernel>
using PerDType = std::array<Kernel*, kDTypes>;

// `rows` rows of n elements each, contiguous; n > 0.
struct Rows {
  const char* in;
  int64_t rows, n;
};

// Makes room for `count` results of `unique`, once, when their number is known.
struct UniqueOutput {
  virtual void resize(int64_t count) = 0;
  char* values = nullptr;      // set by resize
  int64_t* counts = nullptr;   // set by resize where counts are wanted
  int64_t* inverse = nullptr;  // (n), or null

 protected:
  ~UniqueOutput() = default;
};

// Results of each row follow each other. Positions are those of a stable sort: among equal elements
// the first in the row comes first.
struct SortTable {
  // n values and positions per row; either may be null.
  PerDType<void(const Rows&, bool descending, char* values, int64_t* positions)> sort;
  // The first k of them; in any order unless `sorted`.
  PerDType<void(const Rows&, int64_t k, bool largest, bool sorted, char* values,
                int64_t* positions)>
      topk;
  // The k-th of them (from 0). With nan_wins the first NaN instead where there is one. positions
  // may be null.
  PerDType<void(const Rows&, int64_t k, bool nan_wins, char* value, int64_t* position)> kth;
  // The smallest of the most frequent values and its last position.
  PerDType<void(const Rows&, char* value, int64_t* position)> mode;
  // Element k at its place, smaller ones before it; either output may be null.
  PerDType<void(const Rows&, int64_t k, char* values, int64_t* positions)> partition;
  // (1 - weight) * row[low] + weight * row[low + 1] of the sorted row, or NaN where there is one;
  // written to out[point, row] as T for floating T and double otherwise.
  struct Point {
    int64_t low;
    double weight;
  };
  PerDType<void(const Rows&, const std::vector<Point>&, char* out)> quantile;
  // The distinct values of n > 0 elements, ascending.
  PerDType<void(const char* in, int64_t n, UniqueOutput& out)> unique;
};

struct SearchTable {
  // Position in the sorted row of `m` elements before which each of the n values of its row fits;
  // behind equal elements when `right`. With one row of `sorted` all values are looked up in it.
  PerDType<void(const char* sorted, int64_t m, const char* values, int64_t rows, int64_t n,
                bool right, int64_t* out)>
      searchsorted;
  // Whether each element is one of m; from kFewTests on these are sorted.
  static constexpr int64_t kFewTests = 12;
  PerDType<void(const char* elements, int64_t n, const char* test, int64_t m, bool invert,
                bool* out)>
      isin;
};

struct HistogramTable {
  // Smallest and largest of n > 0 integers.
  PerDType<void(const char* in, int64_t n, int64_t* smallest, int64_t* largest)> extent;
  // out[in[i]] += 1, or += weights[i]; out is zero before, in[i] lies in [0, bins).
  PerDType<void(const char* in, int64_t n, int64_t bins, int64_t* out)> count;
  PerDType<void(const char* in, const double* weights, int64_t n, int64_t bins, double* out)> weigh;
  // How many elements lie between neighbours of the bins + 1 edges, which are evenly spaced; the
  // last bin includes its upper edge. Floating dtypes; edges are of the same one.
  PerDType<void(const char* in, int64_t n, const char* edges, int64_t bins, int64_t* out)> bin;
};

extern KernelFamily<SortTable> sort;
extern KernelFamily<SearchTable> search;
extern KernelFamily<HistogramTable> histogram;

}  // namespace torch::kernels
