"""The Mandelbrot set in real arithmetic, as a picture of characters and mandelbrot.pgm."""

import sys

import torch as np


def escape_times(width=78, height=44, most=60):
    """(height, width) how many steps |z| stays below 2, for z -> z**2 + c."""
    x = np.linspace(-2.2, 0.8, width, dtype=np.float64)
    y = np.linspace(-1.2, 1.2, height, dtype=np.float64)
    real, imaginary = np.meshgrid(x, y, indexing="xy")
    a, b = np.zeros_like(real), np.zeros_like(real)
    steps = np.zeros((height, width), dtype=np.int64)
    inside = np.ones((height, width), dtype=np.bool)
    for _ in range(most):
        a, b = (
            np.where(inside, a * a - b * b + real, a),
            np.where(inside, 2 * a * b + imaginary, b),
        )
        inside = inside & (a * a + b * b < 4)
        steps[inside] += 1
    return steps


def results():
    steps = escape_times()
    share = (steps == 60).astype(np.float64).mean()
    return {"steps": steps, "area": np.asarray([3.0 * 2.4 * share], dtype=np.float64)}


def picture(steps, path):
    """A grey-scale file: the longer a point stays, the darker it is."""
    height, width = steps.shape
    grey = (255 - 255 * steps // steps.max()).astype(np.uint8)
    with open(path, "wb") as file:
        file.write(b"P5 %d %d 255\n" % (width, height))
        file.write(memoryview(grey).cast("B"))


if __name__ == "__main__":
    for row in escape_times(most=40):
        print("".join(" .:-=+*#%@"[min(9, int(n) // 4)] for n in row))
    if len(sys.argv) > 1:
        picture(escape_times(780, 624), sys.argv[1])
