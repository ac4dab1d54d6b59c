"""A polynomial through noisy points: normal equations, QR and lstsq find the same one."""

import torch as np


def noisy_points(n=200):
    """x and 1 - 2 x + 0.5 x**3 with a disturbance that looks like noise."""
    x = np.linspace(-2, 2, n, dtype=np.float64)
    noise = 0.1 * np.sin(12345.678 * (x + 3) ** 2)
    return x, 1 - 2 * x + 0.5 * x**3 + noise


def results():
    x, y = noisy_points()
    design = np.stack([x**k for k in range(4)], axis=1)  # (n, 4)
    normal = np.linalg.solve(design.T @ design, design.T @ y)
    q, r = np.linalg.qr(design)
    by_qr = np.linalg.solve(r, q.T @ y)
    found = np.linalg.lstsq(design, y)[0]
    residual = y - design @ found
    covariance = np.linalg.inv(design.T @ design) * float((residual**2).sum() / (len(x) - 4))
    return {
        "normal equations": normal,
        "QR": by_qr,
        "lstsq": found,
        "standard errors": np.sqrt(np.diag(covariance)),
        "condition": np.asarray([np.linalg.cond(design)], dtype=np.float64),
    }


if __name__ == "__main__":
    for name, value in results().items():
        print(f"{name:18}", *(f"{v:10.6f}" for v in value.tolist()))
