//! `redis`: the server and its client on Debian, or on Alpine. The server behind every tag is the newest one; each
//! tag's program tells its own version.

use engine::registry::{LayerFile, RemoteImage};

use crate::files::Files;
use crate::recipe::Recipe;
use crate::repository::Repository;
use crate::{alpine, debian};

/// See [`crate::hub`].
pub const REPOSITORY: Repository = Repository {
    name: "redis",
    description: "Redis is the world’s fastest data platform for caching, vector search, and NoSQL databases.",
    stars: 13_400,
    tags: &[
        ("6", || image("6.2.20")),
        ("6.2", || image("6.2.20")),
        ("7", || image("7.4.7")),
        ("7-alpine", || on_alpine("7.4.7")),
        ("7.0", || image("7.0.15")),
        ("7.0.15", || image("7.0.15")),
        ("7.2", || image("7.2.12")),
        ("7.2.12", || image("7.2.12")),
        ("7.4", || image("7.4.7")),
        ("7.4.7", || image("7.4.7")),
        ("8", || image("8.6.3")),
        ("8-alpine", || on_alpine("8.6.3")),
        ("8.0", || image("8.0.5")),
        ("8.0.5", || image("8.0.5")),
        ("8.2", || image("8.2.3")),
        ("8.2.3", || image("8.2.3")),
        ("8.4", || image("8.4.0")),
        ("8.6", || image("8.6.3")),
        ("8.6.3", || image("8.6.3")),
        ("alpine", || on_alpine("8.6.3")),
        ("bookworm", || image("8.6.3")),
        ("latest", || image("8.6.3")),
    ],
};

const CREATED: &str = "2025-12-02T02:42:41Z";

fn image(version: &'static str) -> RemoteImage {
    let recipe = Recipe::new(CREATED)
        .layer("# debian.sh --arch 'amd64' out/ 'bookworm' '@1761004800'", 28_228_438, 74_780_517, debian::layer)
        .layer(
            "RUN /bin/sh -c set -eux; groupadd -r -g 999 redis; useradd -r -g redis -u 999 redis # buildkit",
            1_096,
            4_315,
            || user(debian::PASSWD, debian::GROUP),
        )
        .layer(
            "RUN /bin/sh -c set -eux; apt-get update; apt-get install -y --no-install-recommends tzdata # buildkit",
            1_505_918,
            4_231_118,
            || {
                let mut files = Files::new();
                files.dirs(&["usr", "usr/share", "usr/share/zoneinfo"]).blob("usr/share/zoneinfo/UTC", 114);
                files.list()
            },
        );
    finish(recipe, version)
}

fn on_alpine(version: &'static str) -> RemoteImage {
    let by = "ADD alpine-minirootfs-3.22.2-x86_64.tar.gz / # buildkit";
    let recipe = Recipe::new(CREATED).layer(by, 3_802_452, 8_309_956, alpine::layer).layer(
        "RUN /bin/sh -c set -eux; addgroup -S -g 1000 redis; adduser -S -G redis -u 999 redis # buildkit",
        942,
        4_102,
        || {
            user(
                "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n",
                "root:x:0:root\ntty:x:5:\nnobody:x:65534:\n",
            )
        },
    );
    finish(recipe, version)
}

fn finish(recipe: Recipe, version: &'static str) -> RemoteImage {
    let prepared =
        format!("RUN |1 REDIS_VERSION={version} /bin/sh -c mkdir /data && chown redis:redis /data # buildkit");
    recipe
        .env("GOSU_VERSION=1.17")
        .layer("COPY gosu /usr/local/bin/gosu # buildkit", 1_085_412, 2_228_224, || {
            let mut files = Files::new();
            files.dirs(&["usr", "usr/local", "usr/local/bin"]).program("usr/local/bin/gosu", "gosu", 2_228_224);
            files.list()
        })
        .arg("REDIS_VERSION", version)
        .env(&format!("REDIS_VERSION={version}"))
        .env(&format!("REDIS_DOWNLOAD_URL=http://download.redis.io/releases/redis-{version}.tar.gz"))
        .layer("COPY bin /usr/local/bin # buildkit", 18_934_212, 42_127_360, move || programs(version))
        .layer(&prepared, 99, 0, || {
            let mut files = Files::new();
            files.dir("data", 0o755).owned(999, 999);
            files.list()
        })
        .volume("/data")
        .working_dir("/data")
        .layer("WORKDIR /data", 32, 0, Vec::new)
        .layer("COPY docker-entrypoint.sh /usr/local/bin/ # buildkit", 547, 715, || {
            let mut files = Files::new();
            files.dirs(&["usr", "usr/local", "usr/local/bin"]);
            files.text_mode("usr/local/bin/docker-entrypoint.sh", include_str!("docker-entrypoint.sh"), 0o755);
            files.list()
        })
        .entrypoint(&["docker-entrypoint.sh"])
        .expose("6379/tcp")
        .cmd(&["redis-server"])
        .build()
}

/// The user and group `redis`, number 999, in the databases.
fn user(passwd: &str, group: &str) -> Vec<LayerFile> {
    let mut files = Files::new();
    files.dirs(&["etc"]);
    files.made_text("etc/passwd", format!("{passwd}redis:x:999:999::/home/redis:/bin/sh\n"));
    files.made_text("etc/group", format!("{group}redis:x:999:\n"));
    files.list()
}

fn programs(version: &'static str) -> Vec<LayerFile> {
    let mut files = Files::new();
    files.dirs(&["usr", "usr/local", "usr/local/bin", "usr/local/etc"]);
    // The image's server is compiled with protected mode off, so that published ports can be reached.
    let server = format!("{version}\0protected-mode=no");
    for (name, build, size) in [
        ("redis-benchmark", version, 7_118_208),
        ("redis-cli", version, 7_563_152),
        ("redis-server", server.as_str(), 17_361_864),
    ] {
        files.program_of_version(&format!("usr/local/bin/{name}"), name, build, size);
    }
    for name in ["redis-check-aof", "redis-check-rdb", "redis-sentinel"] {
        files.link(&format!("usr/local/bin/{name}"), "redis-server");
    }
    files.list()
}
