"""OpenVINO Model Server's artifacts, graph.pbtxt and config.json: checked before anything starts, and written. Pure."""
