"""A line search for the strong Wolfe conditions."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Point", "strong_wolfe"]


class Point(NamedTuple):
    """A place on the line: the step, the value, the slope along the line, the gradient there."""

    step: float
    value: float
    slope: float
    gradient: Any


def strong_wolfe(
    evaluate: Callable[[float], Point],
    start: Point,
    step: float,
    smallest: float,
    most: int = 25,
    decrease: float = 1e-4,
    curvature: float = 0.9,
) -> tuple[Point, int]:
    """A point that lies low enough and is flat enough, and how often `evaluate` was called.

    value <= start.value + decrease * step * start.slope and |slope| <= curvature * |start.slope|:
    Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 3.5 and 3.6. `start.slope`
    is negative, `step` the first to try. After `most` evaluations, or when the bracket is shorter
    than `smallest`, the lowest point so far is returned, which may be `start`.
    """

    def is_high(point: Point) -> bool:  # also when the value is NaN
        return not point.value <= start.value + decrease * point.step * start.slope

    def is_flat(point: Point) -> bool:
        return abs(point.slope) <= -curvature * start.slope

    low = start  # the lowest point that satisfies the first condition
    for calls in range(1, most + 1):
        point = evaluate(step)
        if is_high(point) or (calls > 1 and point.value >= low.value):
            high = point
            break
        if is_flat(point):
            return point, calls
        if point.slope >= 0:
            low, high = point, low
            break
        # still falling: farther, by the cubic's advice
        nearest, farthest = point.step + 0.01 * (point.step - low.step), 10 * point.step
        step = _cubic_minimum(low, point, nearest, farthest)
        low = point
    else:
        return low, most

    while calls < most and abs(high.step - low.step) >= smallest:
        # between low and high is a good point; a tenth at each end is left out, for progress
        margin = 0.1 * (high.step - low.step)
        ends = sorted((low.step + margin, high.step - margin))
        point = evaluate(_cubic_minimum(low, high, *ends))
        calls += 1
        if is_high(point) or point.value >= low.value:
            high = point
            continue
        if is_flat(point):
            return point, calls
        if point.slope * (high.step - low.step) >= 0:
            high = low
        low = point
    return low, calls


def _cubic_minimum(a: Point, b: Point, least: float, most: float) -> float:
    """Where the cubic with these values and slopes is smallest, kept within [least, most].

    Nocedal and Wright, equation 3.59. The middle where there is no such place.
    """
    d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step)
    square = d1 * d1 - a.slope * b.slope
    if square >= 0:
        d2 = math.copysign(math.sqrt(square), b.step - a.step)
        divisor = b.slope - a.slope + 2 * d2
        if divisor != 0:
            step = b.step - (b.step - a.step) * (b.slope + d2 - d1) / divisor
            if math.isfinite(step):
                return min(max(step, least), most)
    return (least + most) / 2
