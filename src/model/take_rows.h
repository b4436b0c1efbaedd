#pragma once
// Rows taken out of a matrix, each at most once: how background patches are left out of what costs much, and put back as zeros.
#include <torch/torch.h>

namespace looking3d {

/// x [n, c], rows [t] int64 on its device -> [t, c]; -1: a row of zeros. No row may be taken twice: its gradient is then one copy, where
/// the library's index_select adds up, row after row on one thread. Any floating type, which the result keeps.
torch::Tensor take_rows(const torch::Tensor& x, const torch::Tensor& rows);

/// The rows that put t rows back: places [n] such that take_rows(take_rows(x, rows), places) is x with zeros in the rows that were left
/// out.
torch::Tensor places_of(const torch::Tensor& rows, int64_t n);

}  // namespace looking3d
