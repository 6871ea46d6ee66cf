#!/bin/sh
# TEST DOUBLE: prints what a list of simulated cards looks like; there is no GPU.
# The bed puts the indices of all simulated cards in the place of @ALL@.
case "$NVIDIA_VISIBLE_DEVICES" in
  all) visible='@ALL@' ;;
  void) visible=$(env | sed -n 's/^SIMULATED_GPU_\([0-9]*\)=.*/\1/p' | sort -n | tr '\n' ',') ;;
  *) visible=$NVIDIA_VISIBLE_DEVICES ;;
esac
for index in $(echo "$visible" | tr , ' '); do
  case "$*" in
    *--query-gpu*) echo "$index, Simulated GPU (test double), GPU-simulated-$index, 24576 MiB, 24576 MiB" ;;
    *) echo "GPU $index: Simulated GPU (test double) (UUID: GPU-simulated-$index)" ;;
  esac
done
