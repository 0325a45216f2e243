#!/usr/bin/env bash
# Next.js 16.4.6: a route that exports no OPTIONS has one all the same, which its documentation mentions. It answers
# 204 with Allow, and with nothing that a preflight needs. And Vary of a route's answers begins with four names of
# Next.js's own, before the handler's.
#
# Why it matters: a wrapper around the handlers of a route never hears of a preflight, though something answers
# it. It looks like a success in a log, and the browser refuses it. A test that compares Vary as a whole fails.
# What onecors does: bindings/node/lib/preflights.ts notices such an answer and logs what to export; the recipe in
# bindings/node/README.md exports OPTIONS, and tests/next runs it.
# Standard: RFC 9110, 9.3.7: OPTIONS is answered with what the resource supports, such as Allow, and this is a right
# answer. Fetch, "CORS-preflight fetch": without Access-Control-Allow-Origin it is a network error, whatever its
# status. RFC 9110, 12.5.5: Vary is a list, in which a server may name any field.
set -eu

folder=$(mktemp -d)
server=
end() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$folder"
}
trap end EXIT
cd "$folder"

mkdir -p app/plain app/own
cat >app/plain/route.js <<'JS'
const headers = { Vary: 'Cookie' };

export const dynamic = 'force-dynamic';
export const GET = () => new Response('read', { headers });
export const PUT = () => new Response('written', { headers });
JS
cat >app/own/route.js <<'JS'
export const GET = () => new Response('read');
export const OPTIONS = () => new Response(null, { headers: { 'X-Own': 'yes' } });
JS

export NEXT_TELEMETRY_DISABLED=1
npm install --prefix . --no-audit --no-fund --silent next@16.4.6 react@19.3.1 react-dom@19.3.1
next=node_modules/next/dist/bin/next
node $next build >log 2>&1 || { cat log; exit 1; }
timeout --kill-after 5 60 node $next start --hostname 127.0.0.1 --port 0 >log 2>&1 &
server=$!
timeout 20 bash -c 'until grep -q Ready log; do sleep 0.1; done' || { cat log; exit 1; }
address=$(grep -oE -m 1 'http://127\.0\.0\.1:[0-9]+' log)

# ask PATH OPTION...: the status of an answer, and those of its fields that are of interest, by name.
ask() {
  local path=$1
  shift
  curl --silent --show-error --max-time 10 --dump-header - --output answer "$@" "$address$path" | tr -d '\r' |
    awk 'NR == 1 { print $2 } tolower($1) ~ /^(allow|vary|x-own|access-control-.*):$/' | LC_ALL=C sort -f | xargs
}
preflight=(--request OPTIONS --header 'Origin: https://app.example' --header 'Access-Control-Request-Method: PUT')
node $next --version
none=$(ask /plain "${preflight[@]}")
own=$(ask /own "${preflight[@]}")
read=$(ask /plain)
echo "  a preflight where GET and PUT are exported:      $none"
echo "  a preflight where GET and OPTIONS are exported:  $own"
echo "  GET, whose handler says Vary: Cookie:            $read"

tokens='rsc, next-router-state-tree, next-router-prefetch, next-router-segment-prefetch'
wanted="204 allow: GET, HEAD, OPTIONS, PUT vary: $tokens|200 vary: $tokens x-own: yes"
wanted+="|200 Vary: $tokens, Cookie, Accept-Encoding"
if [ "$none|$own|$read" != "$wanted" ]; then
  echo "changed: this was $wanted"
  exit 1
fi
