"""k-means on points of three clouds; only the import differs from the NumPy script."""

import torch as np


def points():
    """(300, 2) points of three clouds, spread by the golden angle: no random numbers."""
    i = np.arange(100, dtype=np.float64)
    radius, angle = np.sqrt(i / 100), i * 2.399963229728653
    cloud = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    centres = np.asarray([[0.0, 0.0], [4.0, 1.0], [1.0, 5.0]], dtype=np.float64)
    return (centres[:, None, :] + cloud[None, :, :]).reshape(300, 2)


def kmeans(data, centres, rounds=20):
    """Lloyd's iterations: labels (n,) and centres (k, 2)."""
    for _ in range(rounds):
        distances = ((data[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
        labels = distances.argmin(axis=1)
        moved = np.stack([data[labels == k].mean(axis=0) for k in range(len(centres))])
        if np.abs(moved - centres).max() < 1e-12:
            break
        centres = moved
    return labels, centres


def results():
    data = points()
    labels, centres = kmeans(data, data[::120].copy())
    return {"labels": labels, "centres": centres, "sizes": np.bincount(labels)}


if __name__ == "__main__":
    for name, value in results().items():
        print(name, value[:6], sep="\n")
