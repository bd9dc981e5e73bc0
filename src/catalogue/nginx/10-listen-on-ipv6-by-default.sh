#!/bin/sh
# Makes the default server listen on IPv6 too, unless somebody changed its file.
me=$(basename "$0")
file=etc/nginx/conf.d/default.conf

say() {
    [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$me: info: $*"
}

if [ ! -f "/$file" ]; then
    say "/$file is not a file or does not exist"
    exit 0
fi
if ! touch "/$file" 2>/dev/null; then
    say "can not modify /$file (read-only file system?)"
    exit 0
fi
if grep -q 'listen  \[::]:80;' "/$file"; then
    say "IPv6 listen already enabled"
    exit 0
fi
say "Getting the checksum of /$file"
if ! cmp -s "/$file" /usr/share/nginx/default.conf; then
    say "/$file differs from the packaged version"
    exit 0
fi
sed -i 's,listen       80;,listen       80;\n    listen  [::]:80;,' "/$file"
say "Enabled listen on IPv6 in /$file"
