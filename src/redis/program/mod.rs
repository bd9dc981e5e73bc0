//! The programs `redis-server` and `redis-sentinel` on the machine.

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
        machine::program!("redis-check-rdb", redis_check_rdb),
        machine::program!("redis-check-aof", redis_check_aof),
    ]
}

async fn print(sys: &Sys, fd: i32, text: &str) {
    let _ = sys.write_all(Fd(fd), text.as_bytes()).await;
}

async fn not_emulated(sys: Sys, what: &str) -> ExitCode {
    print(&sys, 2, &format!("drydock: {what} is not emulated here\n")).await;
    ExitCode::FAILURE
}

async fn redis_check_rdb(sys: Sys) -> ExitCode {
    not_emulated(sys, "redis-check-rdb").await
}

async fn redis_check_aof(sys: Sys) -> ExitCode {
    not_emulated(sys, "redis-check-aof").await
}

async fn redis_server(sys: Sys) -> ExitCode {
    let args = sys.args();
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
