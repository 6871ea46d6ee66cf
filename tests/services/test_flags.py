"""The command lines of our services: the rendered ones are understood, wrong ones die in one clear line."""

from __future__ import annotations

import ocr_service.settings
import pytest
import sam3_service.settings
import zoo_service.settings


def test_the_ocr_service_understands_every_setting() -> None:
    line = (
        "--workers 2 --threads 1 --max-image-bytes 20971520 --max-pixels 40000000 "
        "--served-model-name pp-ocrv6-small --host 0.0.0.0 --port 8000"
    )
    assert ocr_service.settings.parse(line.split()) == ocr_service.settings.Settings()
    line = (
        "--workers=4 --threads=2 --max-image-bytes=9 --max-pixels=8 --max-images=7 --max-waiting=6 --max-side=500 "
        "--text-score=.4 --served-model-name=m --host=::1 --port=3 --log-level=debug"
    )
    other = ocr_service.settings.parse(line.split())
    assert other == ocr_service.settings.Settings(4, 2, 9, 8, 7, 6, 500, 0.4, "m", "::1", 3, "debug")


def test_the_segmentation_service_understands_every_setting() -> None:
    line = (
        "--checkpoint /models/sam3.pt --hf-token-file /run/secrets/hf --revision r --precision fp16 --threshold 0.3 "
        "--max-masks 9 --max-boxes 8 --max-image-bytes 7 --max-pixels 6 --max-waiting 5 --host h --port 4 "
        "--log-level error"
    )
    settings = sam3_service.settings.parse(line.split())
    assert settings == sam3_service.settings.Settings(
        "/models/sam3.pt", "/run/secrets/hf", "r", "fp16", 0.3, 9, 8, 7, 6, 5, "h", 4, "error"
    )
    assert sam3_service.settings.parse([]) == sam3_service.settings.Settings()


def test_the_vision_zoo_understands_every_setting() -> None:
    line = "--models /m.json --load-timeout 9 --host h --port 4 --log-level error"
    assert zoo_service.settings.parse(line.split()) == zoo_service.settings.Settings("/m.json", 9, "h", 4, "error")
    assert zoo_service.settings.parse([]) == zoo_service.settings.Settings()


WRONG = [
    ("--max-pixel 9", "unknown flag --max-pixel (did you mean --max-pixels?)"),
    ("--frobnicate", "unknown flag --frobnicate; --help lists them"),
    ("--frobnicate=1", "unknown flag --frobnicate; --help lists them"),
    ("serve", "unrecognized arguments: serve"),
    ("--port 70000", "argument --port: expected a whole number from 0 to 65535, not '70000'"),
    ("--port 8e3", "argument --port: expected a whole number from 0 to 65535, not '8e3'"),
    ("--max-pixels 0", "argument --max-pixels: expected a whole number from 1 to 1073741824, not '0'"),
    ("--max-image-bytes 20MB", "argument --max-image-bytes: expected a whole number"),
    ("--max-waiting -1", "argument --max-waiting: expected a whole number from 0 to 100000, not '-1'"),
    ("--port", "argument --port: expected one argument"),
    ("--log-level loud", "argument --log-level: invalid choice: 'loud'"),
]
PARSERS = {
    "ocr_service": ocr_service.settings.parse,
    "sam3_service": sam3_service.settings.parse,
    "zoo_service": zoo_service.settings.parse,
}
BOTH_READ_IMAGES = ("ocr_service", "sam3_service")


@pytest.mark.parametrize("service", BOTH_READ_IMAGES)
@pytest.mark.parametrize(("line", "message"), WRONG)
def test_a_wrong_command_line_ends_with_status_2_and_one_line(
    service: str, line: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        PARSERS[service](line.split())
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"{service}: {message}")
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("service", "arguments"),
    [
        ("ocr_service", ["--text-score", "1.5"]),
        ("ocr_service", ["--text-score", "nan"]),
        ("ocr_service", ["--served-model-name", " "]),
        ("ocr_service", ["--served-model-name", "a\nb"]),
        ("sam3_service", ["--precision", "int4"]),
        ("sam3_service", ["--threshold", "-0.1"]),
        ("zoo_service", ["--load-timeout", "0"]),
        ("zoo_service", ["--models", ""]),
    ],
)
def test_values_out_of_range_are_refused(service: str, arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        PARSERS[service](arguments)
