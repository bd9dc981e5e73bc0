//! `wait`

use machine::Pid;

use super::{Builtin, builtin};
use crate::Flavour;
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "wait",
    "wait [-fn] [-p var] [id ...]",
    "Wait for job completion and return exit status.",
    false,
    All,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "fnp:").await else { return Ok(2) };
    if options.has('n') {
        return wait_next(shell, options.value('p')).await;
    }
    if options.operands.is_empty() {
        while shell.jobs.list.iter().any(|job| job.is_running()) {
            if let Some(status) = wait_step(shell).await? {
                return Ok(status);
            }
        }
        if !shell.interactive {
            let done: Vec<u32> = shell.jobs.list.iter().filter(|job| job.is_done()).map(|job| job.id).collect();
            for id in done {
                shell.tell_killed(id).await;
                shell.jobs.remove(id);
            }
        }
        return Ok(0);
    }
    let mut status = 0;
    for operand in options.operands {
        status = wait_one(shell, name, operand).await?;
    }
    Ok(status)
}

/// Waits once; the status where a trapped signal ends the waiting.
async fn wait_step(shell: &mut Shell) -> Eval<Option<i32>> {
    let trapped = !shell.traps.handlers.is_empty();
    if !shell.wait_any().await? {
        // No children are left: what the table says runs is not ours to wait for.
        for job in &mut shell.jobs.list {
            for member in &mut job.members {
                member.status.get_or_insert(machine::WaitStatus::Exited(127));
            }
        }
    }
    if trapped && let Some(signal) = shell.sys.take_signal() {
        if let Some(command) = shell.traps.handlers.get(&signal.name()).cloned().filter(|c| !c.is_empty()) {
            shell.run_trap(&command).await?;
        }
        // That a child ended is what is waited for, no interruption.
        if signal == machine::Signal::CHLD && shell.is_bash() {
            return Ok(None);
        }
        return Ok(Some(128 + i32::from(signal.number())));
    }
    shell.check_signals().await?;
    Ok(None)
}

async fn wait_one(shell: &mut Shell, name: &str, operand: &str) -> Eval {
    let id = if operand.starts_with('%') {
        match shell.jobs.find(operand) {
            Ok(id) => id,
            Err(message) => {
                let message = match shell.flavour {
                    Flavour::Dash => format!("No such job: {operand}"),
                    _ => message,
                };
                shell.builtin_error(name, message).await;
                return Ok(if shell.is_bash() { 127 } else { 2 });
            }
        }
    } else {
        let Ok(pid) = operand.parse::<i32>() else {
            shell.builtin_error(name, format!("`{operand}': not a pid or valid job spec")).await;
            return Ok(1);
        };
        let found = shell.jobs.list.iter().find(|job| job.members.iter().any(|member| member.pid.0 == pid));
        match found.map(|job| job.id) {
            Some(id) => id,
            None => {
                if let Some(status) = shell.jobs.take_ended(Pid(pid)) {
                    return Ok(i32::from(status.code()));
                }
                if shell.is_bash() {
                    shell.builtin_error(name, format!("pid {pid} is not a child of this shell")).await;
                }
                return Ok(127);
            }
        }
    };
    while shell.jobs.get(id).is_some_and(|job| job.is_running()) {
        if let Some(status) = wait_step(shell).await? {
            return Ok(status);
        }
    }
    let status = shell.jobs.get(id).and_then(|job| job.status()).map_or(0, |status| i32::from(status.code()));
    if shell.jobs.get(id).is_some_and(|job| job.is_done()) && !shell.interactive {
        shell.tell_killed(id).await;
        shell.jobs.remove(id);
    }
    Ok(status)
}

/// `wait -n`: the next job that ends.
async fn wait_next(shell: &mut Shell, variable: Option<&str>) -> Eval {
    loop {
        let done = shell.jobs.list.iter().find(|job| job.is_done() && !job.told).map(|job| job.id);
        if let Some(id) = done {
            let Some(job) = shell.jobs.remove(id) else { return Ok(127) };
            if let (Some(variable), Some(member)) = (variable, job.members.last()) {
                shell.vars.put(variable, member.pid.to_string());
            }
            return Ok(job.status().map_or(0, |status| i32::from(status.code())));
        }
        if !shell.jobs.list.iter().any(|job| job.is_running()) {
            return Ok(127);
        }
        if let Some(status) = wait_step(shell).await? {
            return Ok(status);
        }
    }
}
