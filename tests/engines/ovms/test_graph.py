"""A graph is judged before the server sees it: every fault at once, each with its place."""

from __future__ import annotations

import pytest

from mmcompose.engines.ovms.graph.graph import check_graph
from tests.engines.ovms.making import CORRECTED, HANDMADE, RELEASES, SETTINGS, graph_of, with_options

MODEL = 'models_path: "/m" '


def printed(text: str, release: str = "2025.4.1", **host: object) -> list[str]:
    return [str(fault) for fault in check_graph(text, release, **host)]  # type: ignore[arg-type]


@pytest.mark.parametrize("release", RELEASES)
def test_the_corrected_graph_is_right_in_every_release_that_serves_it(release: str) -> None:
    assert printed(CORRECTED, release) == []


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("task", SETTINGS)
def test_what_we_write_is_right_in_every_release(task: str, release: str) -> None:
    assert printed(graph_of(task, SETTINGS[task], release), release) == []


def test_a_hand_made_graph_gets_its_full_list() -> None:
    """A graph found in the wild, which no release ever loaded: all that is wrong with it, not only the first fault."""
    assert printed(HANDMADE, host_memory_gib=16) == [
        "1:1: the graph has no input_stream (the server needs at least one of each)",
        "1:1: the graph has no output_stream (the server needs at least one of each)",
        (
            "1:7: LOOPBACK is not marked as a back edge"
            ' (write input_stream_info { tag_index: "LOOPBACK:0" back_edge: true })'
        ),
        (
            "1:7: LOOPBACK needs the SyncSetInputStreamHandler"
            " (without it the first request waits for a loopback that never comes)"
        ),
        '1:7: the node has no name (write name: "LLMExecutor")',
        '1:7: the node does not take the model (write input_side_packet: "LLM_NODE_RESOURCES:llm")',
        '1:7: the node has no input_stream HTTP_REQUEST_PAYLOAD (write input_stream: "HTTP_REQUEST_PAYLOAD:input")',
        '1:7: the node has no input_stream LOOPBACK (write input_stream: "LOOPBACK:loopback")',
        (
            "1:7: the node has no output_stream HTTP_RESPONSE_PAYLOAD"
            ' (write output_stream: "HTTP_RESPONSE_PAYLOAD:output")'
        ),
        '1:7: the node has no output_stream LOOPBACK (write output_stream: "LOOPBACK:loopback")',
        "2:3: LLMCalculatorOptions are the options of HttpLLMCalculator, not of ModelAPISessionCalculator",
        (
            "2:15: ModelAPISessionCalculator: the server has no such calculator (a name of 2023.0 only; it is"
            " OpenVINOModelServerSessionCalculator today and never served a language model)"
        ),
        "3:3: HttpLLMCalculator makes no side packet (drop the output_side_packet)",
        (
            "4:3: the first node_options must be LLMCalculatorOptions, not ModelAPISidePacketCalculatorOptions"
            " (the server reads the first node_options only)"
        ),
        "5:76: no release of the server has options called ModelAPISidePacketCalculatorOptions",
        "11:3: warning: these node_options are never read (the server reads the first node_options only)",
        "12:54: LLMCalculatorOptions: models_path is required",
        "12:54: no release of the server has options called LLMNodeOptions (did you mean LLMCalculatorOptions?)",
        "14:7: cache_size: 32 GB of cache do not fit in the host's 16 GiB of memory (the model needs memory beside it)",
        "15:7: block_size: removed in 2025.0 (drop the line, the server chooses the block size)",
        (
            "19:7: plugin_config: must be a string that holds a JSON object, not a message"
            """ (write plugin_config: '{"KEY": "value"}')"""
        ),
        "23:7: plugin_config: given twice (first on line 19)",
    ]


@pytest.mark.parametrize(
    ("release", "options", "fault"),
    [
        ("2025.4.1", MODEL + "block_size: 32", "block_size: removed in 2025.0"),
        ("2024.5", MODEL + "draft_device: 'CPU'", "draft_device: comes with 2025.0, not yet in 2024.5"),
        ("2025.2", MODEL + 'tool_parser: "llama3"', "tool_parser: comes with 2025.3, not yet in 2025.2"),
        ("2025.3", MODEL + 'response_parser: "llama3"', "response_parser: removed in 2025.3"),
        ("2025.4.1", MODEL + "draft_eagle3_mode: true", "draft_eagle3_mode: comes with 2026.0"),
        ("2026.2", MODEL + "cache_interval_multiplier: 2", "cache_interval_multiplier: comes with 2026.2.1"),
        ("2026.2.1", MODEL + "chat_template_mode: JINJA", "chat_template_mode: comes with 2026.3"),
        ("2025.3", MODEL + "sparse_attention_config { mode: TRISHAPE }", "sparse_attention_config: comes with 2025.4"),
        ("2026.2.1", MODEL + "pipeline_type: OMNI", "pipeline_type: OMNI is not one of LM, VLM, LM_CB, VLM_CB, AUTO"),
        ("2025.4.1", MODEL + "max_num_seq: 1", "max_num_seq: no such field in LLMCalculatorOptions"),
        ("2025.4.1", MODEL + "pipeline_type: vlm_cb", "(did you mean VLM_CB?)"),
        ("2025.4.1", MODEL + 'pipeline_type: "VLM"', "pipeline_type: must be a bare word"),
        ("2025.4.1", MODEL + "cache_size: -1", "cache_size: must lie between 0 and 18446744073709551615"),
        ("2025.4.1", MODEL + 'cache_size: "8"', "cache_size: must be a whole number"),
        ("2025.4.1", MODEL + "cache_size: 8.5", "cache_size: must be a whole number"),
        ("2025.4.1", MODEL + "best_of_limit: 4294967296", "best_of_limit: must lie between 0 and 4294967295"),
        ("2025.4.1", MODEL + "enable_prefix_caching: yes", "enable_prefix_caching: must be true or false"),
        ("2025.4.1", MODEL + "device: GPU", "device: must be a string, not GPU (put it in quotes)"),
        ("2025.4.1", MODEL + "cache_size: 1 cache_size: 2", "cache_size: given twice (first on line 14)"),
        ("2025.4.1", MODEL + "cache_size: [1]", "cache_size: takes one value, not a list"),
        ("2025.4.1", MODEL + "cache_size { }", "cache_size: must be a uint64, not a message"),
        ("2025.4.1", MODEL + "cache_eviction_config: 3", "cache_eviction_config: must be a message in braces"),
        (
            "2025.4.1",
            MODEL + "cache_eviction_config { start_size: 1 recent_size: 2 }",
            "LLMCalculatorOptions.CacheEvictionConfig: max_cache_size is required",
        ),
        ("2025.4.1", "cache_size: 1", "LLMCalculatorOptions: models_path is required"),
        ("2025.4.1", MODEL + "plugin_config: 'NUM_STREAMS=1'", "plugin_config: holds no JSON"),
        ("2025.4.1", MODEL + "plugin_config: '[1]'", "plugin_config: must hold a JSON object"),
        ("2025.4.1", MODEL + """plugin_config: '{"A": NaN}'""", "plugin_config: holds no JSON: NaN is no JSON"),
        (
            "2025.4.1",
            MODEL + """plugin_config: '{"A": null}'""",
            "A: must be a string, a boolean or a number, not null",
        ),
        ("2025.4.1", MODEL + """plugin_config: '{"A": {"B": 1}}'""", "not an object"),
        ("2025.4.1", MODEL + """plugin_config: '{"A": 1, "A": 2}'""", "plugin_config: A: given twice"),
        ("2025.4.1", MODEL + """plugin_config: '{"A": 9223372036854775808}'""", "does not fit in 64 bits"),
        ("2025.4.1", MODEL + "draft_cache_size: 2", "the server refuses draft settings without draft_models_path"),
        ("2025.3", MODEL + "tool_parser: 'qwen3coder'", "tool_parser: 'qwen3coder' is not one of hermes3, llama3"),
        ("2026.2.1", MODEL + "reasoning_parser: 'none'", "reasoning_parser: 'none' is not one of"),
    ],
)
def test_wrong_options_of_a_language_model(release: str, options: str, fault: str) -> None:
    reported = printed(with_options(options), release)
    assert len(reported) == 1, reported
    assert fault in reported[0]
    assert reported[0].startswith(("13:", "14:"))


@pytest.mark.parametrize(
    ("release", "message", "options", "fault"),
    [
        ("2025.2", "EmbeddingsCalculatorOVOptions", MODEL + "pooling: CLS", "pooling: comes with 2025.3"),
        ("2025.3", "EmbeddingsCalculatorOVOptions", MODEL + "mean_pooling: true", "mean_pooling: removed in 2025.3"),
        ("2025.3", "EmbeddingsCalculatorOVOptions", MODEL + "pooling: MEAN", "(MEAN comes with 2025.4)"),
        ("2025.3", "EmbeddingsCalculatorOVOptions", MODEL + "device: 'CPU'", "device: no such field"),
        ("2025.3", "RerankCalculatorOVOptions", MODEL + "max_allowed_chunk: 3", "(did you mean max_allowed_chunks?)"),
        ("2025.2", "ImageGenCalculatorOptions", MODEL + "resolution: '1x1'", "resolution: comes with 2025.3"),
        ("2025.3", "ImageGenCalculatorOptions", MODEL + "max_resolution: '1024'", "'1024' is no size"),
        ("2025.3", "ImageGenCalculatorOptions", MODEL + "device: 'CPU GPU'", "device: names 2 devices"),
        ("2025.3", "ImageGenCalculatorOptions", MODEL + "device: 'NPU'", "device: NPU needs a static resolution"),
        ("2025.3", "ImageGenCalculatorOptions", MODEL + "guidance_scale: 7.5", "guidance_scale: needs resolution"),
        (
            "2025.3",
            "ImageGenCalculatorOptions",
            MODEL + "resolution: '512x512' max_resolution: '512x512'",
            "max_resolution: cannot be given beside a static resolution",
        ),
        (
            "2025.3",
            "ImageGenCalculatorOptions",
            MODEL + "max_resolution: '512x512' default_resolution: '1024x512'",
            "default_resolution: is above max_resolution 512x512",
        ),
        (
            "2026.2",
            "ImageGenCalculatorOptions",
            MODEL + "lora_adapters { alias: 'a' }",
            "LoraAdapterEntry: path is required",
        ),
        (
            "2026.2",
            "ImageGenCalculatorOptions",
            MODEL + "lora_adapters { alias: 'a' path: 'b' mode: MERGE }",
            "mode: MERGE is not one of DYNAMIC, STATIC, FUSE",
        ),
    ],
)
def test_wrong_options_of_other_tasks(release: str, message: str, options: str, fault: str) -> None:
    task = {"E": "embeddings", "R": "rerank", "I": "image_generation"}[message[0]]
    right = graph_of(task, {"models_path": "/m"}, release)
    reported = printed(right.replace('models_path: "/m"', options), release)
    assert len(reported) == 1, reported
    assert fault in reported[0]


@pytest.mark.parametrize(
    ("written", "instead", "fault"),
    [
        ('  name: "LLMExecutor"\n', "", "the node has no name"),
        ('"HttpLLMCalculator"', '"HttpLLMCalculater"', "(did you mean HttpLLMCalculator?)"),
        ('"LLM_NODE_RESOURCES:llm"', '"LLM_NODE_RESOURCES:llms"', "the server gives no LLM_NODE_RESOURCES:llms"),
        ('"LLM_NODE_RESOURCES:llm"', '"LLM:llm"', 'the server gives no LLM:llm (write "LLM_NODE_RESOURCES:llm")'),
        ('  input_side_packet: "LLM_NODE_RESOURCES:llm"\n', "", "the node does not take the model"),
        ('  output_stream: "LOOPBACK:loopback"\n', "", "the node has no output_stream LOOPBACK"),
        ("back_edge: true", "back_edge: false", "LOOPBACK is not marked as a back edge"),
        ('"SyncSetInputStreamHandler"', '"DefaultInputStreamHandler"', "not DefaultInputStreamHandler"),
        ('sync_set { tag_index: "LOOPBACK:0" }', 'sync_set { tag_index: "OTHER:0" }', "no sync_set names LOOPBACK"),
        ("node_options {", "options {", "the server reads node_options only, never options"),
        ("mediapipe.SyncSetInputStreamHandlerOptions.ext", "mediapipe.SyncSet.ext", "not an extension that MediaPipe"),
        ('PAYLOAD:input"\noutput', 'PAYLOAD:question"\noutput', "no input_stream is named input"),
        ('"LOOPBACK:loopback"\n  input_stream:', '"LOOPBACK:Loop"\n  input_stream:', "'LOOPBACK:Loop' is no stream"),
        (
            'output_stream: "HTTP_RESPONSE_PAYLOAD:output"\nnode',
            'output_stream: "HTTP_RESPONSE_PAYLOAD:answer"\nnode',
            "output_stream: no node makes answer",
        ),
        (
            "type.googleapis.com/mediapipe.LLMCalculatorOptions",
            "type.googleapis.com/mediapipe.RerankCalculatorOVOptions",
            "the first node_options must be LLMCalculatorOptions, not RerankCalculatorOVOptions",
        ),
        ("type.googleapis.com/mediapipe.LLM", "mediapipe.LLM", "options need the name of their message"),
        ("type.googleapis.com", "types.example.com", "the server reads no such type url"),
        ("type.googleapis.com/", "type.googleapis..com/", "is neither a type url nor the name of an extension"),
        ("calculator:", "calculators:", "calculators: no such field in CalculatorGraphConfig.Node"),
    ],
)
def test_a_graph_that_is_wrong_around_its_options(written: str, instead: str, fault: str) -> None:
    assert written in CORRECTED
    assert fault in "\n".join(printed(CORRECTED.replace(written, instead, 1)))


def test_a_newer_release_may_know_more_so_it_is_only_warned_of() -> None:
    reported = printed(with_options(MODEL + "unheard_of: 1"), "2027.1")
    assert reported == ["14:25: warning: unheard_of: no such field in LLMCalculatorOptions"]


@pytest.mark.parametrize("release", ["latest", "", "2023.3", "x" * 1000, "2025"])
def test_a_release_without_rules_is_reported(release: str) -> None:
    assert [fault.rule for fault in check_graph(CORRECTED, release)] == ["ovms-release"]


@pytest.mark.parametrize("release", ["v2025.4.1", "2025.4.1-gpu", "2025.4.7"])
def test_a_release_is_known_by_its_tag_or_its_neighbour(release: str) -> None:
    assert printed(CORRECTED, release) == []


def test_the_cache_and_the_memory_are_judged_where_they_are_known() -> None:
    reported = printed(CORRECTED, host_memory_gib=16, read_only_paths=["/cache"])
    assert reported == [
        "19:7: cache_size: 32 GB of cache do not fit in the host's 16 GiB of memory (the model needs memory beside it)",
        (
            "21:7: plugin_config: CACHE_DIR /cache lies on /cache, which is mounted read-only"
            " (give the cache a volume of its own)"
        ),
    ]
    assert printed(CORRECTED, host_memory_gib=64, read_only_paths=["/cac", "/models"]) == []


def test_a_side_packet_of_a_later_release_is_right_only_there() -> None:
    packet = 'input_side_packet: "LLM_NODE_EXECUTION_CONTEXTS:llm_ctx"\n  calculator:'
    text = CORRECTED.replace("calculator:", packet)
    assert printed(text, "2026.3") == []
    assert "(it comes with 2026.2)" in printed(text, "2025.4.1")[0]


def test_graphs_of_other_calculators_are_read_but_their_options_are_not_checked() -> None:
    text = """
input_stream: "in"
output_stream: "out"
node {
  calculator: "OpenVINOInferenceCalculator"
  input_stream: "TENSOR:in"
  output_stream: "TENSOR:out"
  node_options { [type.googleapis.com/mediapipe.OpenVINOInferenceCalculatorOptions] { x: 1 } }
}
"""
    assert printed(text) == [
        "8:85: warning: the contents of OpenVINOInferenceCalculatorOptions are not checked",
    ]


def test_two_nodes_of_one_name_are_reported() -> None:
    node = CORRECTED[CORRECTED.index("node {") :]
    reported = printed(CORRECTED + node)
    assert "another HttpLLMCalculator node on line 4 has the name 'LLMExecutor'" in "\n".join(reported)
