"""torch.device: where memory is."""


class device(str):
    """A device by name, or by type and number: a str with `type` and `index`.

    ValueError unless the type is 'cpu' or 'cuda' and the number fits it.

    >>> torch.device('cuda', 1)
    torch.device('cuda:1')
    >>> torch.device('cuda:1').index
    1
    >>> torch.zeros(1).device == 'cpu'
    True
    """

    __slots__ = ()

    def __new__(cls, type: str, index: int | None = None) -> "device":
        name = type if index is None else f"{type}:{index}"
        kind, colon, number = str(name).partition(":")
        fits = kind in ("cpu", "cuda") and (not colon or (number.isascii() and number.isdigit()))
        if not fits or (number and int(number) > (0 if kind == "cpu" else 127)):
            raise ValueError(f"device: expected 'cpu', 'cuda' or 'cuda:N', got {name!r}")
        return super().__new__(cls, f"{kind}:{int(number)}" if number and kind != "cpu" else kind)

    @property
    def type(self) -> str:
        """'cpu' or 'cuda'."""
        return self.partition(":")[0]

    @property
    def index(self) -> int | None:  # type: ignore[override]
        """Number of the GPU; None where the name leaves it open, and for 'cpu'."""
        number = self.partition(":")[2]
        return int(number) if number else None

    def __repr__(self) -> str:
        return f"torch.device({str(self)!r})"

    def __reduce__(self):
        return device, (str(self),)
