"""TEST DOUBLE of PyTorch on a machine without a GPU: enough for a model to be put somewhere."""

__version__ = "0.0-double"
float16 = "float16"


class cuda:  # noqa: N801 - the library's own name
    @staticmethod
    def is_available() -> bool:
        return False
