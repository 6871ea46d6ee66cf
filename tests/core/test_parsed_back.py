"""What a template wrote is read back, quickly where it has the form of our own templates, wholly where it has not."""

from __future__ import annotations

import pytest

from mmcompose.core.render.parsed_back import parsed_back

SOUND = 'services:\n  "chat":\n    image: "x"\n'


@pytest.mark.parametrize(
    "text",
    [
        SOUND,
        "services: {chat: {image: x}}\n",
        "services:\n    chat:\n        image: x\n",
        "x-a: &a {image: x}\nservices:\n  chat: *a\n",
    ],
    ids=["our own form", "on one line", "indented otherwise", "with an alias"],
)
def test_a_service_is_found_in_every_form_of_yaml(text: str) -> None:
    assert parsed_back("compose/chat.yaml", text, "services", ["chat"]) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SOUND + "    command: [1\n", "not YAML: did not find expected ',' or ']'"),
        (SOUND + "    command: *other\n", "not YAML: found undefined alias"),
        (SOUND + "---\nvolumes:\n", "not YAML: but found another document"),
        (SOUND + "\tcommand: x\n", "not YAML: found character that cannot start any token"),
        ('volumes:\n  "chat":\n', "no service 'chat'"),
        ('services:\n  "other":\nvolumes:\n  "chat":\n', "no service 'chat'"),
        ("", "no service 'chat'"),
    ],
)
def test_what_a_template_broke_is_reported_with_the_file(text: str, message: str) -> None:
    [problem] = parsed_back("compose/chat.yaml", text, "services", ["chat"])
    assert message in problem.message
    assert problem.origin
    assert problem.origin.file == "compose/chat.yaml"
