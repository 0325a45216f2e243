#!/usr/bin/env bash
# nginx 1.22.1, Debian 12's: of several lines of Vary, $upstream_http_vary is the first alone. And gzip_vary adds
# a line of its own beside that of add_header, which can merge what it knows, and does not know this one.
#
# Why it matters: a gateway that adds Origin to the service's Vary by a configuration loses what the service said
# in its further lines, and a cache may then serve an answer to requests that it was not made for. With gzip
# there are two lines again, of which some caches read one.
# What onecors does: gateway/nginx/src/response.c merges all lines and that of gzip into one; without the module,
# cli/src/export/nginx.rs and gateway/nginx/README.md say how to have one line, and what the limit is.
# Standard: RFC 9110, 5.3: several lines of a list are the same as one, joined in order; 12.5.5: Vary is a list.
# nginx 1.23.0 and later join the lines in the variable.
set -eu

version=1.22.1-9+deb12u11
folder=$(mktemp -d)
server=
end() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$folder"
}
trap end EXIT
cd "$folder"

if ! apt-get download -qq -o APT::Sandbox::User=root "nginx=$version" >log 2>&1; then
  echo "skipped: apt-get does not have nginx $version (any more): $(tail -n 1 log)"
  exit
fi
dpkg-deb --extract nginx_*.deb .

cat >nginx.conf <<'NGINX'
daemon off;
master_process off;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    default_type text/plain;

    server {
        listen unix:service;
        add_header Vary Accept-Language;
        add_header Vary Cookie;
        return 200 "the service\n";
    }
    server {
        listen unix:gateway;
        gzip_min_length 1;
        gzip_types text/plain;
        location / {
            proxy_pass http://unix:service:;
            add_header X-Variable $upstream_http_vary;
        }
        location /gzip {
            proxy_pass http://unix:service:;
            proxy_hide_header Vary;
            add_header Vary "$upstream_http_vary, Origin";
            gzip on;
            gzip_proxied any;
            gzip_vary on;
        }
    }
}
NGINX

timeout --kill-after 5 60 usr/sbin/nginx -p "$folder/" -c nginx.conf -e stderr >log 2>&1 &
server=$!
timeout 20 bash -c 'until [ -S service ] && [ -S gateway ]; do sleep 0.1; done' || { cat log; exit 1; }

# ask SOCKET PATH FIELD: the values of a field's lines, in order.
ask() {
  curl --silent --show-error --max-time 10 --dump-header - --output answer --header 'Accept-Encoding: gzip' \
    --unix-socket "$1" "http://localhost$2" | tr -d '\r' | sed -n "s/^$3: \(.*\)/[\1]/Ip" | xargs
}
usr/sbin/nginx -v 2>&1
service=$(ask service / Vary)
variable=$(ask gateway / X-Variable)
gzip=$(ask gateway /gzip Vary)
echo "  lines of Vary of the service:                         $service"
echo "  \$upstream_http_vary:                                  $variable"
echo "  add_header Vary \"\$upstream_http_vary, Origin\", gzip:  $gzip"

wanted='[Accept-Language] [Cookie]|[Accept-Language]|[Accept-Encoding] [Accept-Language, Origin]'
if [ "$service|$variable|$gzip" != "$wanted" ]; then
  echo "changed: this was $wanted"
  exit 1
fi
