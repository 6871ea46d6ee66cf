"""OpenVINO Model Server's graph.pbtxt and config.json: checks and writes them. Pure."""
