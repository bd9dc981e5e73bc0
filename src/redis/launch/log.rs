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
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 1 March of year 0, in eras of 400 years.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_shifted + 2) / 5 + 1;
    let month = (month_shifted + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    let name = MONTHS.get(month as usize).copied().unwrap_or("Jan");
    format!("{day:02} {name} {year} {:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_read_as_in_the_log() {
        assert_eq!(super::date(1_795_307_906), "22 Nov 2026 00:38:26");
        assert_eq!(super::date(951_782_400), "29 Feb 2000 00:00:00");
    }
}
