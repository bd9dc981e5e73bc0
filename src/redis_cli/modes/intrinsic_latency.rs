//! `--intrinsic-latency`: how long the machine keeps a busy program waiting.

use super::{catch_interrupt, was_interrupted};
use crate::console::Run;
use crate::session::Session;

/// What one round of the computation costs, in nanoseconds.
const ROUND: u64 = 1_700;

/// Runs the mode.
pub async fn run(session: &mut Session) -> Run<()> {
    catch_interrupt(session);
    let duration = session.options.modes.seconds.max(0) as u64 * 1_000_000;
    let micros = |session: &Session| session.sys.now().0 / 1000;
    let end = micros(session) + duration;
    let (mut worst, mut runs) = (0, 0u64);
    loop {
        let before = micros(session);
        session.sys.tick(ROUND).await;
        let after = micros(session);
        runs += 1;
        let latency = after - before;
        if latency > worst {
            worst = latency;
            session.out.print(format!("Max latency so far: {worst} microseconds.\n"));
            session.out.settle().await;
        }
        if after > end || was_interrupted(session) {
            break;
        }
    }
    let average = duration as f64 / runs as f64;
    session.out.print(format!(
        "\n{runs} total runs (avg latency: {average:.4} microseconds / {:.2} nanoseconds per run).\n\
         Worst run took {:.0}x longer than the average latency.\n",
        average * 1e3,
        worst as f64 / average
    ));
    Ok(())
}
