#!/bin/sh
# Templates of configuration files would be filled in here.
if [ -d "${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}" ]; then
    echo "drydock: configuration templates are not emulated here" >&2
fi
