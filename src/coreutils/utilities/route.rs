//! `route`: the routing table. net-tools 2.10, and BusyBox's.

use machine::ExitCode;

use crate::context::Context;

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let change = cx.args.iter().find(|a| !a.starts_with('-')).cloned();
    if let Some(command) = change {
        cx.error(format!("drydock: route {command} is not emulated here; ip route is")).await;
        return cx.status();
    }
    super::netstat::routes(cx, false).await
}
