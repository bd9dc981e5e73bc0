//! `nginx`: the web server on Debian.

use engine::registry::{LayerFile, RemoteImage};

use crate::debian;
use crate::files::Files;
use crate::recipe::Recipe;
use crate::repository::Repository;

/// See [`crate::hub`].
pub const REPOSITORY: Repository = Repository {
    name: "nginx",
    description: "Official build of Nginx.",
    stars: 21_060,
    tags: &[("1", image), ("1.29", image), ("1.29.3", image), ("latest", image), ("mainline", image)],
};

/// Kept beside the image, with the names that the entry point runs them under.
const SCRIPTS: &[(&str, &str)] = &[
    ("10-listen-on-ipv6-by-default.sh", include_str!("10-listen-on-ipv6-by-default.sh")),
    ("15-local-resolvers.envsh", include_str!("15-local-resolvers.envsh")),
    ("20-envsubst-on-templates.sh", include_str!("20-envsubst-on-templates.sh")),
    ("30-tune-worker-processes.sh", include_str!("30-tune-worker-processes.sh")),
];

fn image() -> RemoteImage {
    let mut recipe = Recipe::new("2025-11-18T02:46:34Z")
        .layer("# debian.sh --arch 'amd64' out/ 'bookworm' '@1761004800'", 28_228_438, 74_780_517, debian::layer)
        .label("maintainer", "NGINX Docker Maintainers <docker-maint@nginx.com>")
        .env("NGINX_VERSION=1.29.3")
        .layer(
            "RUN /bin/sh -c set -x     && groupadd --system --gid 101 nginx # buildkit",
            29_982_410,
            77_226_118,
            server,
        )
        .layer("COPY docker-entrypoint.sh / # buildkit", 629, 1_620, || {
            let mut files = Files::new();
            files.text_mode("docker-entrypoint.sh", include_str!("docker-entrypoint.sh"), 0o755);
            files.list()
        });
    for (name, text) in SCRIPTS {
        let by = format!("COPY {name} /docker-entrypoint.d # buildkit");
        recipe = recipe.layer(&by, text.len() as u64 / 2 + 200, text.len() as u64, move || {
            let mut files = Files::new();
            files.dirs(&["docker-entrypoint.d"]).text_mode(&format!("docker-entrypoint.d/{name}"), text, 0o755);
            files.list()
        });
    }
    recipe
        .entrypoint(&["/docker-entrypoint.sh"])
        .expose("80/tcp")
        .stop_signal("SIGQUIT")
        .cmd(&["nginx", "-g", "daemon off;"])
        .build()
}

/// What the package brings.
fn server() -> Vec<LayerFile> {
    let mut files = Files::new();
    files.dirs(&["etc", "etc/nginx", "etc/nginx/conf.d", "usr", "usr/sbin", "usr/share", "usr/share/nginx"]);
    files.dirs(&["usr/share/nginx/html", "var", "var/log", "var/log/nginx", "var/cache", "var/cache/nginx"]);
    files.dirs(&["docker-entrypoint.d", "usr/bin"]).utilities("usr/bin", "curl envsubst");
    files.program("usr/sbin/nginx", "nginx", 1_564_456);
    files.made_text("etc/passwd", format!("{}nginx:x:101:101:nginx user:/nonexistent:/bin/false\n", debian::PASSWD));
    files.made_text("etc/group", format!("{}nginx:x:101:\n", debian::GROUP));
    files
        .text("etc/nginx/nginx.conf", include_str!("nginx.conf"))
        .text("etc/nginx/mime.types", include_str!("mime.types"))
        .text("etc/nginx/conf.d/default.conf", include_str!("default.conf"))
        .text("usr/share/nginx/default.conf", include_str!("default.conf"))
        .text("usr/share/nginx/html/index.html", include_str!("index.html"))
        .text("usr/share/nginx/html/50x.html", include_str!("50x.html"))
        .link("var/log/nginx/access.log", "/dev/stdout")
        .link("var/log/nginx/error.log", "/dev/stderr");
    files.list()
}
