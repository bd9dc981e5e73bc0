//! The latency monitor: what took longer than `latency-monitor-threshold`, by event.

use super::Server;
use crate::config;
use std::collections::{BTreeMap, VecDeque};

/// Samples kept for each event, one a second at most.
const KEPT: usize = 160;

/// One sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When, in Unix seconds.
    pub time: i64,
    /// How long it took, in milliseconds.
    pub ms: i64,
}

/// The samples of one event, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// The samples; never empty.
    pub samples: VecDeque<Sample>,
    /// The largest that ever was, in milliseconds.
    pub max: i64,
}

impl Series {
    fn add(&mut self, time: i64, ms: i64) {
        self.max = self.max.max(ms);
        if let Some(last) = self.samples.back_mut().filter(|s| s.time == time) {
            last.ms = last.ms.max(ms);
            return;
        }
        if self.samples.len() == KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample { time, ms });
    }

    /// Average and mean deviation, in milliseconds.
    pub fn spread(&self) -> (i64, i64) {
        let count = self.samples.len().max(1) as i64;
        let average = self.samples.iter().map(|s| s.ms).sum::<i64>() / count;
        (average, self.samples.iter().map(|s| (s.ms - average).abs()).sum::<i64>() / count)
    }
}

/// All events.
#[derive(Clone, Debug, Default)]
pub struct LatencyMonitor {
    /// By name.
    pub events: BTreeMap<&'static str, Series>,
}

impl LatencyMonitor {
    /// Forgets the named events, all where none is named; how many there were.
    pub fn reset(&mut self, names: &[&[u8]]) -> usize {
        let before = self.events.len();
        self.events
            .retain(|event, _| !names.is_empty() && !names.iter().any(|n| n.eq_ignore_ascii_case(event.as_bytes())));
        before - self.events.len()
    }
}

impl Server {
    /// Something took so many microseconds; it is kept if that is long.
    pub(crate) fn took(&mut self, event: &'static str, micros: i64) {
        let threshold = self.config.int(config::LATENCY_MONITOR_THRESHOLD);
        if threshold > 0 && micros / 1000 >= threshold {
            let now = self.now_ms / 1000;
            self.latency.events.entry(event).or_default().add(now, micros / 1000);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_one_sample_the_largest() {
        let mut series = Series::default();
        for (time, ms) in [(1, 5), (1, 9), (1, 3), (2, 1)] {
            series.add(time, ms);
        }
        assert_eq!(series.samples, [Sample { time: 1, ms: 9 }, Sample { time: 2, ms: 1 }]);
        assert_eq!((series.max, series.spread()), (9, (5, 4)));
        for time in 3..500 {
            series.add(time, 2);
        }
        assert_eq!((series.samples.len(), series.samples[0].time), (KEPT, 340));
    }
}
