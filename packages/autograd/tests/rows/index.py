"""Rows of reading and writing by index."""

from rows import MASK, Row, in_place, longs, real, row

PLACES = longs([0, 0], [2, 1])
REPEATED = longs([1, 1], [2, 0])

ROWS: list[Row] = [
    row("index_select", real(2, 3), 1, longs(2, 0, 2)),
    row("index_select", real(3), dim=0, index=longs(1).make()),
    row("index_add", real(2, 3), 1, longs(2, 0, 2), real(2, 3)),
    row("index_add", real(2, 3), 0, longs(1, 1), real(2, 3), alpha=-2),
    row("index_copy", real(2, 3), 1, longs(2, 0), real(2, 2)),
    row("index_copy", real(2, 3), 1, longs(2, 0, 2), real(2, 3)),
    row("index_fill", real(2, 3), 1, longs(2, 2), 5),
    row("index_fill", real(2, 3), 0, longs(1, 1), real()),
    row("gather", real(2, 3), 1, PLACES),
    row("gather", real(2, 3), 0, REPEATED, call=lambda x, d, i: x.gather(axis=d, indices=i % 2)),
    row("scatter", real(2, 3), 1, PLACES, real(2, 2)),
    row("scatter", real(2, 3), 1, REPEATED, real(2, 3)),
    row("scatter", real(2, 3), 1, PLACES, 2.5),
    row("scatter", real(2, 3), 1, PLACES, real(2, 2), reduce="add"),
    row("scatter", real(2, 3), 1, PLACES, 2, reduce="multiply"),
    row("scatter", real(2, 3), 1, longs([0, 2], [2, 1]), real(2, 2), reduce="multiply"),
    row("scatter_add", real(2, 3), 1, PLACES, real(2, 2)),
    row("scatter_add", real(2, 3), 1, REPEATED, real(2, 3)),
    row("take", real(2, 3), longs([0, -1], [0, 3])),
    row("take", real(2, 3), longs([0, -1]), axis=1),
    row("take_along_dim", real(2, 3), longs([0, -1], [0, 2]), 1),
    row("take_along_dim", real(2, 3), longs([-1]), 1),
    row("take_along_dim", real(1, 3), longs([0], [-1]), 1),
    row("take_along_dim", real(2, 3), longs(5, -1)),
    row("take_along_axis", real(2, 3), longs([1, 0, 1]), axis=0),
    row(
        "put_along_axis_",
        real(2, 3),
        longs([0], [-1]),
        real(2, 1),
        1,
        call=in_place("put_along_axis_"),
    ),
    row("put_along_axis_", real(2, 3), longs([0, 1]), 2, 1, call=in_place("put_along_axis_")),
    row("put_", real(2, 3), longs([0, -1]), real(2), call=in_place("put_")),
    row("put_", real(2, 3), longs(1, 1, 4), real(3), call=in_place("put_")),
    row("put_", real(2, 3), longs(1, 1, 4), real(3), True, call=in_place("put_")),
    row("put_", real(2, 3), longs(1, 1, 4), 2, call=in_place("put_")),
    row("index_put", real(2, 3), [longs(0, 1).make(), longs(2, -1).make()], real(2)),
    row("index_put", real(2, 3), [longs(1, 1).make()], real(3)),
    row("index_put", real(2, 3), [longs(1, 1).make()], real(2, 3)),
    row("index_put", real(2, 3), [longs(1, 1).make()], real(2, 3), True),
    row("index_put", real(2, 3), [MASK.make()], 4.0),
    row("index_put", real(2, 3), (MASK.make(),), real(3), accumulate=True),
]
