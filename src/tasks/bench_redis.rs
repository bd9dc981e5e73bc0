//! Measuring the Redis engine: beside the real server, and as wasm in Node beside ioredis-mock.

use crate::redis::Redis;
use crate::run::{Failure, Step};
use crate::setup::Setup;
use std::path::Path;

/// Builds both forms of the engine and runs tests/bench/redis.mjs, which prints the figures.
pub fn bench(setup: &Setup) -> Result<(), Failure> {
    setup.page()?;
    let real = Redis::new(setup);
    real.programs();
    let native = ["--locked", "--release", "-p", "native", "--no-default-features"];
    Step::new("build drydock redis-server for release").run(&mut setup.cargo("build", &native))?;
    // Built as the page's module is, so that the figures are the page's.
    let wasm = [
        "--locked",
        "-p",
        "redis",
        "--example",
        "in_process",
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
        "page",
    ];
    Step::new("build the engine as wasm").run(&mut setup.cargo("build", &wasm))?;
    let target = setup.target()?;
    let folder = target.join("in_process");
    Step::new("bind it to JavaScript").run(
        setup
            .command("wasm-bindgen")
            .args(["--target", "web", "--out-dir"])
            .arg(&folder)
            .arg(target.join("wasm32-unknown-unknown/page/examples/in_process.wasm")),
    )?;
    let drydock = target.join("release").join(format!("drydock{}", std::env::consts::EXE_SUFFIX));
    let mut measure = setup.command("node");
    measure.arg("tests/bench/redis.mjs").env("DRYDOCK_NATIVE", drydock).env("DRYDOCK_WASM", folder);
    if let Some(programs) = real.program("redis-benchmark").as_deref().and_then(Path::parent)
        && std::env::var_os("DRYDOCK_REDIS").is_none()
    {
        measure.env("DRYDOCK_REDIS", programs);
    }
    Step::new("measure").run(&mut measure)
}
