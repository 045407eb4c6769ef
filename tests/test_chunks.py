"""Bytes to events, chunks to a reply."""

from typing import Any

import pytest

from memls.models.base import ToolCall
from memls.models.chunks import Assembly, EventStream, MalformedError


def delta(*calls: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"choices": [{"delta": {"tool_calls": list(calls)}, **rest}]}


def part(name: str | None = None, arguments: Any = None, **rest: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}, **rest}


ONE, TWO = ToolCall("a", "find", '{"q": 1}'), ToolCall("b", "find", '{"q": 2}')


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        pytest.param(
            [part("find", "", index=0, id="a"), part("find", "", index=1, id="b")]
            + [part(None, '{"q": ', index=i) for i in (1, 0)]
            + [part(None, f"{i + 1}}}", index=i) for i in (0, 1)],
            [ONE, TWO],
            id="interleaved by index",
        ),
        pytest.param(
            [part("find", '{"q": 1}', index=0, id="a"), part("find", '{"q": 2}', index=0, id="b")],
            [ONE, TWO],
            id="all with index 0",
        ),
        pytest.param(
            [part("find", '{"q":', id="a"), part(None, " 1}"), part("find", '{"q": 2}', id="b")],
            [ONE, TWO],
            id="no index",
        ),
        pytest.param(
            [part("find", '{"q":', id="a", index=0), part("find", " 1}", id="a", index=0)],
            [ONE],
            id="id and name repeated",
        ),
        pytest.param(
            [part("find", {"q": 1}), part("find", {"q": 2}, id="")],
            [ToolCall("call_0", "find", '{"q": 1}'), ToolCall("call_1", "find", '{"q": 2}')],
            id="whole calls, objects, no ids",
        ),
        pytest.param(
            [part("find", '{"q": 1}', index=0, id="a"), part("find", '{"q": 2}', index=1, id="a")],
            [ONE, ToolCall("a_1", "find", '{"q": 2}')],
            id="one id for two",
        ),
        pytest.param(
            [part(None, None, index=0), part("find", '{"q": 1}', index=1, id="a")], [ONE], id="hole"
        ),
    ],
)
def test_calls_are_put_together(chunks: list[dict[str, Any]], expected: list[ToolCall]) -> None:
    assembly = Assembly()
    for chunk in chunks:
        assembly.add(delta(chunk))
    assembly.add(delta(finish_reason="tool_calls"))
    assert list(assembly.reply().calls) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("data: 1\n\ndata: 2\n\n", ["1", "2"]),
        ("data:1\r\n\r\n: ping\r\nevent: x\r\nid: 3\r\ndata: 2\r\n\r\n", ["1", "2"]),
        ('data: {\ndata: "a": 1}\n\n', ['{\n"a": 1}']),
        ("\n\ndata: é\u2028\x85🦊\n\n", ["é\u2028\x85🦊"]),
        ("data: [DONE]", ["[DONE]"]),
        ('data: {"a": 1}\n\ndata: {"b": ', ['{"a": 1}']),
        ('error: {"code": 500}\n', ['{"error": {"code": 500}}']),
        ('\n{"a":\n 1}', ['\n{"a":\n 1}']),
        ("<html>\n\n</html>", ["<html>\n\n</html>"]),
        ("", []),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_events_are_found_in_pieces_of_any_size(body: str, expected: list[str], size: int) -> None:
    stream, data = EventStream(), body.encode()
    found = [event for i in range(0, len(data), size) for event in stream.feed(data[i : i + size])]
    assert found + list(stream.close()) == expected


def test_half_a_reply_is_no_reply() -> None:
    assembly = Assembly()
    assembly.add({"choices": [{"delta": {"content": "half"}}]})
    with pytest.raises(MalformedError, match="cut its reply off"):
        assembly.reply()
