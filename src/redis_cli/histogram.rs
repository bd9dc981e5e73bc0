//! Values (latencies, sizes), recorded with a fixed number of significant digits (the HDR histogram's buckets).

use std::collections::BTreeMap;

/// A histogram of whole numbers.
#[derive(Clone, Debug)]
pub struct Histogram {
    /// bits of the smallest bucket's width
    unit: u32,
    /// bits of a bucket's significant part
    bits: u32,
    /// how many values lie in the bucket that starts there
    counts: BTreeMap<u64, u64>,
    total: u64,
}

impl Histogram {
    /// An empty one with so many significant decimal digits, for values of which those within so many bits need not be
    /// told apart.
    pub fn new(unit: u32, digits: u32) -> Self {
        let largest = 2 * 10u64.pow(digits.min(4));
        Self { unit, bits: u64::BITS - (largest - 1).leading_zeros(), counts: BTreeMap::new(), total: 0 }
    }

    /// Bytes of a bucket's width at a value.
    fn width(&self, value: u64) -> u64 {
        let length = u64::BITS - value.leading_zeros();
        1 << (self.unit + length.saturating_sub(self.unit + self.bits))
    }

    fn lowest(&self, value: u64) -> u64 {
        value - value % self.width(value)
    }

    fn highest(&self, value: u64) -> u64 {
        self.lowest(value) + self.width(value) - 1
    }

    /// Adds a value.
    pub fn record(&mut self, value: u64) {
        *self.counts.entry(self.lowest(value)).or_default() += 1;
        self.total += 1;
    }

    /// Throws everything away.
    pub fn reset(&mut self) {
        self.counts.clear();
        self.total = 0;
    }

    /// The mean; none without values.
    pub fn mean(&self) -> Option<f64> {
        let sum: f64 = self.counts.iter().map(|(v, n)| (v + self.width(*v) / 2) as f64 * *n as f64).sum();
        (self.total > 0).then(|| sum / self.total as f64)
    }

    /// How far the values lie from their mean; none without values.
    pub fn deviation(&self) -> Option<f64> {
        let mean = self.mean()?;
        let squares = self.counts.iter().map(|(v, n)| ((v + self.width(*v) / 2) as f64 - mean).powi(2) * *n as f64);
        Some((squares.sum::<f64>() / self.total as f64).sqrt())
    }

    /// The smallest value.
    pub fn min(&self) -> u64 {
        self.counts.keys().next().copied().unwrap_or(0)
    }

    /// The largest value.
    pub fn max(&self) -> u64 {
        self.counts.keys().next_back().map_or(0, |v| self.highest(*v))
    }

    /// The value that so many percent do not exceed.
    pub fn percentile(&self, percent: f64) -> u64 {
        let wanted = ((percent / 100.0 * self.total as f64 + 0.5) as u64).max(1);
        let mut sum = 0;
        let found = self.counts.iter().find(|(_, n)| {
            sum += **n;
            sum >= wanted
        });
        found.map_or(0, |(v, _)| self.highest(*v))
    }

    /// Steps of halving distance to 100 percent: percent, value, how many up to it.
    pub fn halvings(&self) -> Vec<(f64, u64, u64)> {
        let mut rows = Vec::new();
        let (mut next, mut sum, mut last) = (0.0f64, 0, 0);
        for (value, count) in &self.counts {
            sum += count;
            last = self.highest(*value);
            while next <= 100.0 * sum as f64 / self.total as f64 {
                rows.push((next, last, sum));
                if sum == self.total {
                    break;
                }
                let halves = ((100.0 / (100.0 - next)).log2() as i32 + 1).min(60);
                next += 100.0 / 2f64.powi(halves);
            }
        }
        rows.push((100.0, last, sum));
        rows
    }

    /// Steps of 100 microseconds, of a millisecond beyond two: percent, value, how many up to it.
    pub fn steps(&self) -> Vec<(f64, u64, u64)> {
        let mut rows = Vec::new();
        let (mut level, mut step) = (100, 100);
        if self.total == 0 {
            return rows;
        }
        loop {
            let value = self.highest(self.lowest(level));
            let sum: u64 = self.counts.range(..=value).map(|(_, n)| n).sum();
            rows.push((sum as f64 / self.total as f64 * 100.0, value, sum));
            if sum == self.total {
                return rows;
            }
            level += step;
            if value > 2000 {
                step = 1000;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fall_into_buckets_of_eight() {
        let mut histogram = Histogram::new(3, 3);
        [40, 47, 567, 570, 1279].iter().for_each(|v| histogram.record(*v));
        assert_eq!((histogram.min(), histogram.max(), histogram.percentile(50.0)), (40, 1279, 567));
        assert_eq!(histogram.mean(), Some((44.0 * 2.0 + 564.0 + 572.0 + 1276.0) / 5.0));
        assert_eq!(histogram.highest(20_000), 20_015);
    }

    #[test]
    fn rows_are_those_of_the_real_one() {
        let mut histogram = Histogram::new(3, 3);
        (0..1000).for_each(|i| histogram.record(40 + i));
        let rows = histogram.halvings();
        let percents: Vec<f64> = rows.iter().take(5).map(|r| r.0).collect();
        assert_eq!(percents, [0.0, 50.0, 75.0, 87.5, 93.75]);
        assert_eq!(rows.last(), Some(&(100.0, 1039, 1000)));
        let steps: Vec<u64> = histogram.steps().iter().map(|r| r.1).collect();
        assert_eq!(steps, [103, 207, 303, 407, 503, 607, 703, 807, 903, 1007, 1103]);
    }
}
