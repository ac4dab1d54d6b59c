"""Linear algebra with NumPy's names: `torch.linalg`.

Matrices are the last two dimensions, all others are a batch. Integers are computed in float64.
Complex results are real tensors with a last dimension of size 2: real and imaginary part.
"""

from torch import _C

cholesky = _C.linalg_cholesky
cond = _C.linalg_cond
det = _C.linalg_det
eig = _C.linalg_eig
eigh = _C.linalg_eigh
eigvals = _C.linalg_eigvals
eigvalsh = _C.linalg_eigvalsh
inv = _C.linalg_inv
lstsq = _C.linalg_lstsq
lu_factor = _C.linalg_lu_factor
lu_solve = _C.linalg_lu_solve
matmul = _C.matmul
matrix_exp = _C.linalg_matrix_exp
matrix_norm = _C.linalg_matrix_norm
matrix_power = _C.linalg_matrix_power
matrix_rank = _C.linalg_matrix_rank
multi_dot = _C.linalg_multi_dot
norm = _C.linalg_norm
outer = _C.outer
pinv = _C.linalg_pinv
qr = _C.linalg_qr
slogdet = _C.linalg_slogdet
solve = _C.linalg_solve
solve_triangular = _C.linalg_solve_triangular
svd = _C.linalg_svd
svdvals = _C.linalg_svdvals
tensordot = _C.tensordot
tensorinv = _C.linalg_tensorinv
tensorsolve = _C.linalg_tensorsolve
vector_norm = _C.linalg_vector_norm
