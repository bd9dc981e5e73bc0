//! Rates over the last moments, and what the event loop does with its time.

use super::Server;

/// Samples of one rate: the last 1.6 seconds.
const SAMPLES: usize = 16;

/// A rate, as the average of its last samples.
#[derive(Clone, Debug, Default)]
pub struct Rate {
    base: i64,
    value: i64,
    samples: [i64; SAMPLES],
    at: usize,
}

impl Rate {
    /// Notes the counter `value` at `base` (a time, or another counter): `factor` per unit of `base`.
    fn track(&mut self, value: i64, base: i64, factor: i64) {
        if self.base > 0 {
            let (more, passed) = (value - self.value, base - self.base);
            let sample = if passed > 0 { more.saturating_mul(factor) / passed } else { 0 };
            self.samples[self.at] = sample;
            self.at = (self.at + 1) % SAMPLES;
        }
        self.base = base;
        self.value = value;
    }

    /// The average.
    pub fn average(&self) -> i64 {
        self.samples.iter().sum::<i64>() / SAMPLES as i64
    }
}

/// All rates and the event loop's figures. Times in microseconds.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// Commands in a second.
    pub commands: Rate,
    /// Bytes read in a second.
    pub net_in: Rate,
    /// Bytes written in a second.
    pub net_out: Rate,
    /// Bytes of replication read in a second.
    pub repl_in: Rate,
    /// Bytes of replication written in a second.
    pub repl_out: Rate,
    /// Turns of the event loop in a second.
    pub cycles_per_second: Rate,
    /// Time of one turn.
    pub cycle_time: Rate,
    /// Turns of the event loop.
    pub cycles: u64,
    /// Time of all turns.
    pub cycles_us: i64,
    /// The longest turn.
    pub longest_us: i64,
    /// Most commands in one turn.
    pub most_commands: u64,
    /// Time of the work that is done regularly.
    pub cron_us: i64,
    /// Time of writing the append only file.
    pub aof_us: i64,
    /// When the turn began and how many commands had run; none between two turns.
    turn: Option<(i64, u64)>,
    /// Largest query and output buffers of each of the last seconds.
    largest: [(usize, usize); PEAK_SECONDS],
}

/// For so many seconds the largest buffers are remembered.
const PEAK_SECONDS: usize = 8;

impl Metrics {
    /// The largest query buffer and output of the last seconds, in bytes.
    pub fn largest_buffers(&self) -> (usize, usize) {
        let max = |of: fn(&(usize, usize)) -> usize| self.largest.iter().map(of).max().unwrap_or(0);
        (max(|l| l.0), max(|l| l.1))
    }
}

impl Server {
    /// A turn of the event loop begins, unless it has begun already.
    pub(super) fn begin_turn(&mut self) {
        if self.metrics.turn.is_none() {
            self.metrics.turn = Some((self.mono_us, self.count.commands));
        }
    }

    /// The turn of the event loop is over.
    pub(super) fn end_turn(&mut self) {
        let Some((start, commands)) = self.metrics.turn.take() else { return };
        let took = (self.mono_us - start).max(0);
        let ran = self.count.commands.saturating_sub(commands);
        let m = &mut self.metrics;
        m.cycles += 1;
        m.cycles_us += took;
        m.longest_us = m.longest_us.max(took);
        m.most_commands = m.most_commands.max(ran);
    }

    /// Takes a sample of every rate.
    pub(super) fn sample_rates(&mut self) {
        const SECOND: i64 = 1_000_000;
        let (now, c, m) = (self.mono_us, &self.count, &mut self.metrics);
        m.commands.track(c.commands as i64, now, SECOND);
        m.net_in.track((c.net_in + c.net_repl_in) as i64, now, SECOND);
        m.net_out.track((c.net_out + c.net_repl_out) as i64, now, SECOND);
        m.repl_in.track(c.net_repl_in as i64, now, SECOND);
        m.repl_out.track(c.net_repl_out as i64, now, SECOND);
        m.cycles_per_second.track(m.cycles as i64, now, SECOND);
        m.cycle_time.track(m.cycles_us, m.cycles as i64, 1);
        let second = (self.now_ms / 1000) as usize;
        let (slot, next) = (second % PEAK_SECONDS, (second + 1) % PEAK_SECONDS);
        m.largest[next] = (0, 0);
        for client in self.clients.values() {
            let (len, free) = client.query_buffer();
            let old = m.largest[slot];
            m.largest[slot] = (old.0.max(len + free), old.1.max(client.output().memory));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_the_average_of_its_samples() {
        let mut rate = Rate::default();
        for n in 0..=16 {
            rate.track(n * 50, 1000 + n * 100_000, 1_000_000);
        }
        assert_eq!(rate.average(), 500);
        rate.track(16 * 50, 2_000_000, 1_000_000);
        assert_eq!(rate.average(), 500 * 15 / 16);
    }
}
