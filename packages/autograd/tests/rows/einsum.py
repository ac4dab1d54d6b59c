"""Rows of einsum: letters summed, kept, repeated, missing, broadcast."""

from rows import Row, real, row

ROWS: list[Row] = [
    row("einsum", "ij,jk->ik", real(2, 3), real(3, 2)),
    row("einsum", "ij,jk", real(2, 3), real(3, 2)),
    row("einsum", "ba", real(2, 3)),
    row("einsum", "ij->", real(2, 3)),
    row("einsum", "ij->j", real(2, 3)),
    row("einsum", "i,i->", real(3), real(3)),
    row("einsum", "i,j->", real(2), real(3)),
    row("einsum", "ij,k->k", real(2, 2), real(3)),
    row("einsum", "ii->i", real(3, 3)),
    row("einsum", "ii", real(3, 3)),
    row("einsum", "iji->j", real(2, 3, 2)),
    row("einsum", "iij,jk->k", real(2, 2, 3), real(3, 2)),
    row("einsum", "i,i,i->i", real(3), real(3), real(3)),
    row("einsum", "ij,jk,kl->il", real(2, 3), real(3, 2), real(2, 1), optimize=False),
    row("einsum", "...i,i->...", real(2, 2, 3), real(3)),
    row("einsum", "i...,i...->...", real(2, 3, 1), real(2, 1, 2)),
    row("einsum", "...i,ji", real(2, 3), real(2, 3)),
    row("einsum", "a...,...b->b...a", real(2, 3), real(2, 3, 2)),
    row("einsum", "ab,bc->ac", real(2, 1), real(3, 2)),
    row("einsum", ",ij->ji", real(), real(2, 3)),
    row("einsum", " i j , j -> i ", real(2, 3), real(3)),
]
