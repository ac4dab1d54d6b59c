"""Conway's Game of Life with slices: a glider crosses the board."""

import torch as np


def neighbours(board):
    """How many of the eight neighbours of each inner cell live."""
    return (
        board[:-2, :-2] + board[:-2, 1:-1] + board[:-2, 2:]
        + board[1:-1, :-2] + board[1:-1, 2:]
        + board[2:, :-2] + board[2:, 1:-1] + board[2:, 2:]
    )  # fmt: skip


def step(board):
    """The next generation; the border stays dead."""
    count = neighbours(board)
    inner = board[1:-1, 1:-1]
    born = (count == 3) & (inner == 0)
    survives = ((count == 2) | (count == 3)) & (inner == 1)
    after = np.zeros_like(board)
    after[1:-1, 1:-1][born | survives] = 1
    return after


def glider(size=24):
    board = np.zeros((size, size), dtype=np.uint8)
    board[1:4, 1:4] = np.asarray([[0, 1, 0], [0, 0, 1], [1, 1, 1]], dtype=np.uint8)
    return board


def results(generations=60):
    board = glider()
    alive = []
    for _ in range(generations):
        board = step(board)
        alive.append(int(board.sum()))
    return {"board": board, "alive": np.asarray(alive), "cells": np.argwhere(board)}


if __name__ == "__main__":
    final = results()["board"]
    for row in final:
        print("".join(".#"[int(cell)] for cell in row))
