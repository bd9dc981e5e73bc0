//! The form of the log's lines.

use crate::server::Level;

/// A line as Redis writes it: `pid:role day time mark text`. `wall_us`: microseconds since 1970.
pub fn line(pid: u32, role: char, wall_us: i64, level: Level, text: &str) -> String {
    let mark = match level {
        Level::Debug => '.',
        Level::Verbose => '-',
        Level::Notice => '*',
        Level::Warning => '#',
    };
    let (seconds, ms) = (wall_us.div_euclid(1_000_000), wall_us.rem_euclid(1_000_000) / 1000);
    format!("{pid}:{role} {}.{ms:03} {mark} {text}\n", date(seconds))
}

/// The line that a signal handler writes.
pub fn signal_line(pid: u32, wall_us: i64, text: &str) -> String {
    format!("{pid}:signal-handler ({}) {text}\n", wall_us.div_euclid(1_000_000))
}

/// `22 Nov 2026 00:38:25`, in UTC.
fn date(seconds: i64) -> String {
    machine::calendar::strftime("%d %b %Y %H:%M:%S", seconds)
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_read_as_in_the_log() {
        assert_eq!(super::date(1_795_307_906), "22 Nov 2026 00:38:26");
        assert_eq!(super::date(951_782_400), "29 Feb 2000 00:00:00");
    }
}
