#!/bin/bash
# Makes the static library: static-library.sh RUST_ARCHIVE OUTPUT
#
# rustc's own archive carries the whole of std with its global symbols, so a program could not link
# it beside another Rust library. Here it becomes one object that exports onecors_* and nothing else.
set -eu -o pipefail

archive=$1
output=$2
mkdir -p "$(dirname "$output")"
work=$(mktemp -d -p "$(dirname "$output")")
trap 'rm -rf "$work"' EXIT

mapfile -t symbols < <(nm --defined-only "$archive" 2>/dev/null | awk '$2 == "T" && $3 ~ /^onecors_/ { print $3 }')
test "${#symbols[@]}" -gt 0 || { echo "$archive defines no onecors_* function" >&2; exit 1; }

# --force-group-allocation: without it a COMDAT copy of the reference to the unwinder's personality
# routine survives, the library links, and the first caught panic crashes.
ld -r --force-group-allocation --gc-sections "${symbols[@]/#/--undefined=}" -e "${symbols[0]}" \
    -o "$work/onecors.o" "$archive"
# Without link-time optimisation std's bitcode remains. Concatenated by `ld -r` it is invalid, and the LLVM
# plugin of binutils aborts on it.
objcopy --wildcard --keep-global-symbol='onecors_*' --remove-section=.llvmbc --remove-section=.llvmcmd \
    "$work/onecors.o"
# What --gc-sections took away leaves the names of weak symbols behind, as strong ones.
strip --strip-unneeded "$work/onecors.o"
ar rcsD "$work/libonecors.a" "$work/onecors.o"
cmp -s "$work/libonecors.a" "$output" || mv "$work/libonecors.a" "$output"
