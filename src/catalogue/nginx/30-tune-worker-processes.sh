#!/bin/sh
# The number of workers is as the configuration says unless it is asked to be tuned.
[ -n "${NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE:-}" ] || exit 0
sed -i "s/^worker_processes.*/worker_processes $(nproc);/" /etc/nginx/nginx.conf
