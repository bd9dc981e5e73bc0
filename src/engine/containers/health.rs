//! Health checks: a probe in the container every so often.

use std::rc::Rc;
use std::time::Duration;

use docker_api::types::{ExecConfig, Health, HealthConfig, HealthLog};
use machine::Signal;

use super::exec;
use crate::daemon::Daemon;
use crate::model::container::Container;
use crate::time::{duration_text, nano_text};

/// So many probes are remembered.
const KEPT: usize = 5;
/// Output of a probe is cut to this.
const MAX_OUTPUT: usize = 4096;

const DEFAULT_INTERVAL: i64 = 30_000_000_000;
const DEFAULT_TIMEOUT: i64 = 30_000_000_000;
const DEFAULT_START_INTERVAL: i64 = 5_000_000_000;
const DEFAULT_RETRIES: i64 = 3;

fn or(value: i64, default: i64) -> i64 {
    if value == 0 { default } else { value }
}

/// The command of a probe; `None` where there is none.
fn command(c: &Container, config: &HealthConfig) -> Option<Vec<String>> {
    let test = config.test.as_ref()?;
    let (kind, rest) = test.split_first()?;
    match kind.as_str() {
        "CMD" => Some(rest.to_vec()),
        "CMD-SHELL" => {
            let shell = c.config.borrow().shell.clone().unwrap_or_else(|| vec!["/bin/sh".into(), "-c".into()]);
            Some(shell.into_iter().chain(rest.iter().cloned()).collect())
        }
        _ => None,
    }
}

/// Begins to probe a container that has just started.
pub fn start(d: &Rc<Daemon>, c: &Rc<Container>) {
    let config = c.config.borrow().healthcheck.clone();
    let Some((config, command)) = config.and_then(|h| command(c, &h).map(|cmd| (h, cmd))) else {
        c.state.borrow_mut().health = None;
        return;
    };
    c.state.borrow_mut().health = Some(Health { status: "starting".into(), ..Health::default() });
    let (d, c) = (d.clone(), c.clone());
    let run = c.state.borrow().started;
    let sys = d.sys.clone();
    sys.thread(async move {
        let begin = d.sys.now();
        loop {
            let starting = c.state.borrow().health.as_ref().is_some_and(|h| h.status == "starting");
            let in_start = config.start_period > 0 && d.sys.now().since(begin).as_nanos() < config.start_period as u128;
            let interval = or(config.interval, DEFAULT_INTERVAL);
            let pause = if starting && in_start { or(config.start_interval, DEFAULT_START_INTERVAL) } else { interval };
            let _ = d.sys.sleep(Duration::from_nanos(pause.max(1_000_000) as u64)).await;
            let same = |c: &Container| c.is_running() && c.state.borrow().started == run;
            if !same(&c) {
                return;
            }
            if c.state.borrow().paused {
                continue;
            }
            let log = probe(&d, &c, &config, &command).await;
            if !same(&c) {
                return;
            }
            let grace = config.start_period > 0 && d.sys.now().since(begin).as_nanos() < config.start_period as u128;
            note(&d, &c, log, or(config.retries, DEFAULT_RETRIES), grace);
        }
    });
}

/// The container ended.
pub fn stop(c: &Container) {
    if let Some(health) = c.state.borrow_mut().health.as_mut() {
        health.status = "unhealthy".into();
    }
}

async fn probe(d: &Rc<Daemon>, c: &Rc<Container>, config: &HealthConfig, command: &[String]) -> HealthLog {
    let begin = nano_text(d.sys.wall_clock());
    let timeout = or(config.timeout, DEFAULT_TIMEOUT);
    let finish = |code: i64, output: String| HealthLog {
        start: begin.clone(),
        end: nano_text(d.sys.wall_clock()),
        exit_code: code,
        output,
    };
    let wanted =
        ExecConfig { cmd: Some(command.to_vec()), attach_stdout: true, attach_stderr: true, ..ExecConfig::default() };
    let found = exec::create(d, c, c.short(), wanted).and_then(|id| exec::find(d, &id));
    let Ok(exec) = found else { return finish(-1, String::new()) };
    let follower = exec.streams.follow(true, true);
    if let Err(why) = exec::run(d, &exec).await {
        return finish(-1, format!("OCI runtime exec failed: exec failed: unable to start container process: {why}"));
    }
    let end = d.sys.now() + Duration::from_nanos(timeout as u64);
    // Time passes in its own thread; the end of the probe wakes the same queue.
    let (own, ticking) = (d.clone(), exec.clone());
    let timer = d.sys.thread(async move {
        let _ = own.sys.sleep_until(end).await;
        ticking.ended.wake();
    });
    while exec.running.get() && d.sys.now() < end {
        if d.sys.wait_on(&exec.ended).await.is_err() {
            break;
        }
    }
    d.sys.cancel_thread(timer);
    if exec.running.get() {
        if let Some(pid) = exec.pid.get() {
            let _ = d.sys.kill(pid, Some(Signal::KILL));
        }
        return finish(-1, format!("Health check exceeded timeout ({})", duration_text(timeout)));
    }
    exec.streams.drained(&d.sys).await;
    let mut output = follower.collected();
    output.truncate(MAX_OUTPUT);
    finish(exec.exit_code.get().unwrap_or(-1), String::from_utf8_lossy(&output).into_owned())
}

fn note(d: &Daemon, c: &Container, log: HealthLog, retries: i64, grace: bool) {
    let changed = {
        let mut state = c.state.borrow_mut();
        let Some(health) = state.health.as_mut() else { return };
        let before = health.status.clone();
        if log.exit_code == 0 {
            health.failing_streak = 0;
            health.status = "healthy".into();
        } else if !(health.status == "starting" && grace) {
            health.failing_streak += 1;
            if health.failing_streak >= retries {
                health.status = "unhealthy".into();
            }
        }
        health.log.push(log);
        if health.log.len() > KEPT {
            health.log.remove(0);
        }
        (health.status != before).then(|| health.status.clone())
    };
    if let Some(status) = changed {
        d.container_event(c, &format!("health_status: {status}"), &[]);
    }
}
