//! The programs `redis-server`, `redis-sentinel`, `redis-check-rdb` and `redis-check-aof` on the machine.

mod check;
mod child;
mod events;
mod files;
mod host;
mod names;
mod scripts;
mod startup;

use crate::launch::options;
use machine::{ExitCode, Fd, Program, Sys};

/// All programs of this room, to be installed on a machine.
pub fn programs() -> Vec<Program> {
    vec![
        machine::program!("redis-server", redis_server),
        machine::program!("redis-sentinel", redis_server),
        machine::program!("redis-check-rdb", redis_server),
        machine::program!("redis-check-aof", redis_server),
    ]
}

async fn print(sys: &Sys, fd: i32, text: &str) {
    let _ = sys.write_all(Fd(fd), text.as_bytes()).await;
}

async fn redis_server(sys: Sys) -> ExitCode {
    let args = sys.args();
    // One executable: what it is depends on the name that it is called by.
    let name = args.first().and_then(|name| name.rsplit('/').next()).unwrap_or_default();
    if name.contains("redis-check-rdb") {
        return check::rdb(sys).await;
    }
    if name.contains("redis-check-aof") {
        return check::aof(sys).await;
    }
    let invocation = match options::read(&args, &startup::version(&sys)) {
        options::Parsed::Print(text) => {
            print(&sys, 1, &text).await;
            return ExitCode::SUCCESS;
        }
        options::Parsed::Complain(text) => {
            print(&sys, 2, &text).await;
            return ExitCode::FAILURE;
        }
        options::Parsed::Run(invocation) => invocation,
    };
    startup::run(sys, invocation).await
}
