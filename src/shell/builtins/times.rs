//! `times`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!("times", "times", "Display process times.", true, All, run);

async fn run(shell: &mut Shell, name: &str, _: &[String]) -> Eval {
    let times = shell.sys.times();
    let shown = |nanos: u64| {
        let millis = nanos / 1_000_000;
        format!("{}m{}.{:03}s", millis / 60_000, millis / 1000 % 60, millis % 1000)
    };
    let row = |user: u64, system: u64| format!("{} {}\n", shown(user), shown(system));
    let text = row(times.own.user, times.own.system) + &row(times.children.user, times.children.system);
    Ok(shell.print_from(name, &text).await)
}
