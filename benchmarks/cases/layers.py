"""Layers of networks: alone in inference, and with the gradients that training needs."""

from typing import Any

from benchmarks.case import Case, Input

LIBRARIES = ("alphatorch", "pytorch")


def convolution(
    name: str,
    x: tuple[int, int, int, int],
    w: tuple[int, int, int, int],
    *,
    of_input: bool = True,
    forward: bool = True,
    **options: int,
) -> list[Case]:
    """of_input: whether x, too, needs a gradient, as within a network; options: stride, padding,
    groups."""
    stride, padding = options.get("stride", 1), options.get("padding", 0)
    size = [(n + 2 * padding - k) // stride + 1 for n, k in zip(x[2:], w[2:], strict=True)]
    libraries = (*LIBRARIES, "jax")
    inputs = {
        "x": Input(x),
        "w": Input(w, scale=(w[1] * w[2] * w[3]) ** -0.5),
        "b": Input(w[:1], scale=0.1),
    }
    alone = Case(
        f"{name}, forward",
        "layers",
        dict.fromkeys(libraries, "step()"),
        inputs,
        setup=f"step = convolution(x, w, b, **{options})",
    )
    both = Case(
        f"{name}, gradients",
        "layers",
        dict.fromkeys(libraries, "step()"),
        {**inputs, "g": Input((x[0], w[0], *size))},
        setup=f"step = convolution_gradients(x, w, b, g, of_input={of_input}, **{options})",
        tolerance=1e-4,  # gradients of w and b are sums over all places of all pictures
    )
    return [alone, both] if forward else [both]


def layer(
    name: str, module: str, *, evaluation: bool = True, tolerance: float = 1e-5, **inputs: Input
) -> list[Case]:
    """module: the expression that makes it; inputs: x, and the target of a loss."""
    given = ", ".join(inputs)
    of_input = inputs["x"].kind != "classes"
    common: dict[str, Any] = {
        "group": "layers",
        "code": dict.fromkeys(LIBRARIES, "step()"),
        "inputs": inputs,
        "tolerance": tolerance,
    }
    mode = ".eval()" if evaluation else ""
    return [
        Case(f"{name}, forward", setup=f"step = inference({module}{mode}, {given})", **common),
        Case(
            f"{name}, gradients",
            setup=f"step = gradients({module}, {given}, of_input={of_input})",
            **common,
        ),
    ]


def dropout() -> list[Case]:
    """Random numbers differ: compared is how much of the outputs and gradients is 0."""
    x = Input((512, 1024))
    cases = layer("dropout 512x1024", "nn.Dropout(0.5)", evaluation=False, x=x, tolerance=0.02)
    return [Case(**{**vars(case), "result": "zeros(step())"}) for case in cases]


PICTURES = Input((16, 64, 56, 56))
WORDS = Input((35, 20, 200))
SENTENCES = Input((8, 64, 256))
NORM = "nn.BatchNorm2d(64)"

CASES = [
    *convolution("conv 3x3, 32x16x8x8", (32, 16, 8, 8), (32, 16, 3, 3), padding=1, forward=False),
    *convolution(
        "conv 3x3, 16x64x32x32", (16, 64, 32, 32), (64, 64, 3, 3), padding=1, forward=False
    ),
    *convolution("conv 5x5, 64x1x28x28 to 20", (64, 1, 28, 28), (20, 1, 5, 5), of_input=False),
    *convolution("conv 5x5, 64x20x12x12 to 50", (64, 20, 12, 12), (50, 20, 5, 5)),
    *convolution("conv 3x3, 16x64x56x56", (16, 64, 56, 56), (64, 64, 3, 3), padding=1),
    *convolution("conv 3x3, 16x128x28x28", (16, 128, 28, 28), (128, 128, 3, 3), padding=1),
    *convolution("conv 3x3, 16x256x14x14", (16, 256, 14, 14), (256, 256, 3, 3), padding=1),
    *convolution(
        "conv 7x7 stride 2, 8x3x224x224 to 64",
        (8, 3, 224, 224),
        (64, 3, 7, 7),
        of_input=False,
        stride=2,
        padding=3,
    ),
    *convolution("conv 1x1, 16x256x28x28 to 64", (16, 256, 28, 28), (64, 256, 1, 1)),
    *convolution(
        "depthwise conv 3x3, 16x64x56x56", (16, 64, 56, 56), (64, 1, 3, 3), padding=1, groups=64
    ),
    *layer(
        "transposed conv 4x4 stride 2, 16x64x28x28 to 32",
        "nn.ConvTranspose2d(64, 32, 4, 2, 1)",
        x=Input((16, 64, 28, 28)),
        tolerance=1e-4,
    ),
    # Its forward in evaluation stands in a row of its own.
    *layer("batch norm 16x64x56x56", NORM, evaluation=False, x=PICTURES, tolerance=1e-4),
    layer("batch norm in evaluation 16x64x56x56", NORM, x=PICTURES)[0],
    *layer("relu 16x64x56x56", "nn.ReLU()", x=PICTURES),
    *layer("max pool 2x2, 16x64x56x56", "nn.MaxPool2d(2)", x=PICTURES),
    *layer("max pool 3x3 stride 2, 16x64x56x56", "nn.MaxPool2d(3, 2, 1)", x=PICTURES),
    *layer(
        "global average pool 16x256x14x14", "nn.AdaptiveAvgPool2d(1)", x=Input((16, 256, 14, 14))
    ),
    *layer("LSTM 35x20x200", "nn.LSTM(200, 200)", x=WORDS, tolerance=1e-4),
    *layer("GRU 35x20x200", "nn.GRU(200, 200)", x=WORDS, tolerance=1e-4),
    *layer(
        "embedding 10000x200, 35x20",
        "nn.Embedding(10000, 200)",
        x=Input((35, 20), "int64", kind="classes", classes=10_000),
    ),
    *layer(
        "cross-entropy 700x10000",
        "nn.CrossEntropyLoss()",
        x=Input((700, 10_000)),
        target=Input((700,), "int64", kind="classes", classes=10_000),
    ),
    *layer("softmax 512x1000", "nn.Softmax(1)", x=Input((512, 1000))),
    *layer("layer norm 512x256", "nn.LayerNorm(256)", x=Input((512, 256))),
    *layer("GELU 512x1024", "nn.GELU()", x=Input((512, 1024))),
    *dropout(),
    *layer("attention 8x64x256, 4 heads", "SelfAttention(256, 4)", x=SENTENCES),
    *layer(
        "Transformer encoder layer 8x64x256",
        "nn.TransformerEncoderLayer(256, 4, 1024, dropout=0.0, batch_first=True)",
        x=SENTENCES,
        tolerance=1e-4,
    ),
]
