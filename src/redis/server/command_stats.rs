//! Figures per command, found by where the command's name lies in memory: names are part of the
//! program, and a comparison of addresses is all that a call can afford.

use std::collections::BTreeMap;

/// Figures of one command.
#[derive(Clone, Debug, Default)]
pub struct CommandStat {
    /// Calls.
    pub calls: u64,
    /// Microseconds.
    pub usec: i64,
    /// Refused before they ran.
    pub rejected: u64,
    /// Ended with an error.
    pub failed: u64,
    /// Calls by latency: bucket n holds those up to 2^n microseconds.
    pub histogram: Vec<u64>,
}

impl CommandStat {
    fn add(&mut self, other: &CommandStat) {
        self.calls += other.calls;
        self.usec += other.usec;
        self.rejected += other.rejected;
        self.failed += other.failed;
        if self.histogram.len() < other.histogram.len() {
            self.histogram.resize(other.histogram.len(), 0);
        }
        self.histogram.iter_mut().zip(&other.histogram).for_each(|(a, b)| *a += b);
    }
}

/// Figures of all commands.
#[derive(Clone, Debug, Default)]
pub struct CommandStats {
    /// An open hash table; a power of two, at least twice as many places as commands were seen.
    table: Vec<Option<(&'static str, CommandStat)>>,
    used: usize,
}

impl CommandStats {
    /// The figures of a command.
    pub fn of(&mut self, name: &'static str) -> &mut CommandStat {
        if self.table.len() <= self.used * 2 {
            let size = (self.table.len() * 2).max(64);
            let old = std::mem::take(&mut self.table);
            self.table.resize_with(size, || None);
            for entry in old.into_iter().flatten() {
                let at = self.place(entry.0);
                self.table[at] = Some(entry);
            }
        }
        let at = self.place(name);
        self.used += usize::from(self.table[at].is_none());
        &mut self.table[at].get_or_insert_with(|| (name, CommandStat::default())).1
    }

    /// Where a name stands or is to stand; there is always a free place.
    fn place(&self, name: &'static str) -> usize {
        let mask = self.table.len() - 1;
        let mut at = (name.as_ptr() as usize).wrapping_mul(0x9e37_79b9) >> 8 & mask;
        while let Some((other, _)) = &self.table[at] {
            if std::ptr::eq(*other, name) {
                break;
            }
            at = (at + 1) & mask;
        }
        at
    }

    /// All figures by name. A name that lies in memory twice counts as one.
    pub fn by_name(&self) -> BTreeMap<&'static str, CommandStat> {
        let mut all: BTreeMap<&'static str, CommandStat> = BTreeMap::new();
        for (name, stat) in self.table.iter().flatten() {
            all.entry(name).or_default().add(stat);
        }
        all
    }

    /// Microseconds of all calls.
    pub fn usec(&self) -> i64 {
        self.table.iter().flatten().map(|(_, stat)| stat.usec).sum()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = CommandStats::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_add_up_by_name() {
        let mut stats = CommandStats::default();
        for command in crate::commands::registry::COMMANDS {
            stats.of(command.name).calls += 1;
            stats.of(command.name).usec += 2;
        }
        let twice: &'static str = Box::leak(Box::<str>::from("get"));
        stats.of(twice).calls += 1;
        let all = stats.by_name();
        assert_eq!(all.len(), crate::commands::registry::COMMANDS.len());
        assert_eq!((all["get"].calls, all["set"].calls), (2, 1));
        assert_eq!(stats.usec(), 2 * all.len() as i64);
    }
}
