//! `--latency` and `--latency-history`: how long PING takes.

use super::{pause, reconnecting};
use crate::console::Run;
use crate::format::Output;
use crate::session::Session;

/// Microseconds between two samples.
const SAMPLE_EVERY: u64 = 10_000;
/// Milliseconds that a line of the history covers.
const HISTORY: u64 = 15_000;

#[derive(Default)]
struct Samples {
    min: u64,
    max: u64,
    total: u64,
    count: u64,
}

impl Samples {
    fn add(&mut self, latency: u64) {
        self.min = if self.count == 0 { latency } else { self.min.min(latency) };
        self.max = self.max.max(latency);
        self.total += latency;
        self.count += 1;
    }

    fn show(&self, output: Output) -> String {
        let Self { min, max, count, .. } = self;
        let average = self.total as f64 / (*count).max(1) as f64;
        match output {
            Output::Standard => format!("min: {min}, max: {max}, avg: {average:.2} ({count} samples)"),
            Output::Csv => format!("{min},{max},{average:.2},{count}\n"),
            Output::Raw => format!("{min} {max} {average:.2} {count}\n"),
            Output::Json => format!("{{\"min\": {min}, \"max\": {max}, \"avg\": {average:.2}, \"count\": {count}}}\n"),
            Output::QuotedJson => String::new(),
        }
    }
}

/// Runs the mode.
pub async fn run(session: &mut Session) -> Run<()> {
    let interval = session.options.interval / 1000;
    let history = session.options.modes.history;
    let history_interval = if interval == 0 { HISTORY } else { interval };
    let interval = if interval == 0 { 1000 } else { interval };
    let mut start = session.sys.now();
    let mut samples = Samples::default();
    loop {
        let sent = session.sys.now().as_millis();
        reconnecting(session, &["PING"]).await?;
        samples.add(session.sys.now().as_millis() - sent);
        let passed = session.sys.now().since(start).as_millis() as u64;
        if session.output == Output::Standard {
            session.out.print("\x1b[0G\x1b[2K");
            session.out.print(samples.show(session.output));
            session.out.flush().await;
        } else if history {
            session.out.print(samples.show(session.output));
        } else if passed > interval {
            session.out.print(samples.show(session.output));
            return Ok(());
        }
        if history && passed > history_interval {
            session.out.print(format!(" -- {:.2} seconds range\n", passed as f64 / 1000.0));
            start = session.sys.now();
            samples = Samples::default();
        }
        pause(session, SAMPLE_EVERY).await;
    }
}
