#!/bin/sh
# Starts the image's command. Options alone, or a configuration file alone, are meant for redis-server; and the
# server runs as the user redis, who then owns the data.
set -e

case "$1" in
-* | *.conf) set -- redis-server "$@" ;;
esac

if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
	find . ! -user redis -exec chown redis '{}' +
	exec gosu redis "$0" "$@"
fi

# Files that the server makes are for its user only.
if [ "$(umask)" = 0022 ]; then
	umask 0077
fi

exec "$@"
