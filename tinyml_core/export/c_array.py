"""A model as C source text: what `xxd -i` writes, aligned as TFLM needs it."""

from __future__ import annotations


def c_source(content: bytes, name: str = "g_model") -> str:
    """The text of a `.cc` file with the model as a constant array.

    Args:
        content: The `.tflite`.
        name: A C identifier.
    """
    rows = (content[start : start + 12] for start in range(0, len(content), 12))
    text = ",\n".join("  " + ", ".join(f"0x{byte:02x}" for byte in row) for row in rows)
    return (
        "#include <cstddef>\n\n"
        f"alignas(16) extern const unsigned char {name}[] = {{\n{text}\n}};\n"
        f"extern const size_t {name}_size = sizeof({name});\n"
    )
