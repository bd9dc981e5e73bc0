//! `apt-get`, `apt`, `apk`, `dpkg`: package managers. There is nowhere to fetch packages from.

use machine::ExitCode;

use crate::context::Context;

/// `apt-get` and `apt`.
pub async fn run_apt(cx: &mut Context) -> ExitCode {
    let name = cx.name.clone();
    match cx.args.first().map(|a| &**a) {
        Some("-v" | "--version") => {
            cx.line(&format!("{name} 2.6.1 (amd64)").replace("apt-get", "apt")).await;
            ExitCode::SUCCESS
        }
        _ => refuse(cx, 100).await,
    }
}

/// `apk`.
pub async fn run_apk(cx: &mut Context) -> ExitCode {
    match cx.args.first().map(|a| &**a) {
        Some("-V" | "--version") => {
            cx.line("apk-tools 2.14.9, compiled for x86_64.").await;
            ExitCode::SUCCESS
        }
        _ => refuse(cx, 1).await,
    }
}

async fn refuse(cx: &mut Context, status: u8) -> ExitCode {
    let text = format!("drydock: {}: installing packages is not emulated here\n", cx.name);
    cx.complain(&text).await;
    ExitCode(status)
}
