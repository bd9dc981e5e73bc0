//! Dates in UTC: days to year, month and day, and `strftime(3)` in the C locale.

/// Days of the week, Sunday first, as the C locale names them.
pub const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The months, as the C locale names them.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAY: i64 = 86_400;
/// Wider than this nothing is padded: a format is a line of text.
const WIDEST: usize = 1024;

/// Days since 1970-01-01 as year, month (1 to 12) and day, in the proleptic Gregorian calendar.
pub fn civil_from_days(days: i64) -> (i64, u32, u32) {
    // Years that begin in March, in eras of 400 years: the leap day is then a year's last.
    let shifted = days.saturating_add(719_468);
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let january = month >= 10;
    (year + era * 400 + i64::from(january), (if january { month - 9 } else { month + 3 }) as u32, day as u32)
}

/// The inverse of [`civil_from_days`]; days and months beyond their ends run over.
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * i64::from((month + 9) % 12) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// An instant taken apart, in UTC (`struct tm`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// With the century; may be negative.
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// Of the month, 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 59.
    pub second: i64,
    /// 0 (Sunday) to 6.
    pub weekday: i64,
    /// 1 to 366.
    pub yearday: i64,
}

impl Date {
    /// Of seconds since 1970-01-01.
    pub fn from_unix(seconds: i64) -> Date {
        let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let (year, month, day) = civil_from_days(days);
        Date {
            year,
            month,
            day,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
            weekday: (days + 4).rem_euclid(7),
            yearday: days - days_from_civil(year, 1, 1) + 1,
        }
    }

    /// `Thursday`
    pub fn weekday_name(&self) -> &'static str {
        WEEKDAYS.get(self.weekday as usize).copied().unwrap_or("?")
    }

    /// `January`
    pub fn month_name(&self) -> &'static str {
        MONTHS.get(self.month as usize - 1).copied().unwrap_or("?")
    }

    /// On a clock of twelve hours.
    fn hour12(&self) -> i64 {
        (self.hour + 11) % 12 + 1
    }

    /// The week of a year whose weeks begin on Sunday (0) or Monday (1); the days before the first one are week 0.
    fn week(&self, first: i64) -> i64 {
        (self.yearday + 6 - (self.weekday - first).rem_euclid(7)) / 7
    }

    /// Year and week by ISO 8601: a week belongs to the year that has its Thursday.
    fn iso_week(&self) -> (i64, i64) {
        let days = days_from_civil(self.year, self.month, self.day);
        let thursday = days + 3 - (self.weekday + 6) % 7;
        let (year, ..) = civil_from_days(thursday);
        (year, (thursday - days_from_civil(year, 1, 1)) / 7 + 1)
    }
}

/// Formats seconds since 1970 as glibc's `strftime(3)` does. What it does not know stays as it is.
pub fn strftime(format: &str, seconds: i64) -> String {
    formatted(format, &Instant { date: Date::from_unix(seconds), seconds, nanos: None })
}

/// Formats as GNU `date` does, which knows `%N` (nanoseconds), `%q` and `%:z` besides.
pub fn strftime_nanos(format: &str, seconds: i64, nanos: u32) -> String {
    formatted(format, &Instant { date: Date::from_unix(seconds), seconds, nanos: Some(nanos) })
}

struct Instant {
    date: Date,
    seconds: i64,
    /// None in formats that know no fraction.
    nanos: Option<u32>,
}

/// What stands between `%` and the letter.
#[derive(Clone, Copy, Default)]
struct Flags {
    /// `-` (none), `_` (blanks), `0`.
    pad: Option<char>,
    /// `^`: all in capitals.
    upper: bool,
    /// `#`: the other case.
    swap: bool,
    width: Option<usize>,
}

/// What a conversion gives, before flags.
enum Piece {
    /// A number, how wide it is and with what it is padded.
    Number(i64, usize, char),
    Text(String),
}

fn formatted(format: &str, at: &Instant) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some(percent) = rest.find('%') {
        out.push_str(&rest[..percent]);
        rest = &rest[percent..];
        let (flags, conversion) = flags(&rest[1..]);
        let (letter, behind) = split_letter(conversion, at.nanos.is_some());
        let specification = &rest[..rest.len() - behind.len()];
        match convert(letter, flags, at) {
            Some(text) => out.push_str(&text),
            None => out.push_str(specification),
        }
        rest = behind;
    }
    out + rest
}

/// The flags and the width, and what is behind them.
fn flags(text: &str) -> (Flags, &str) {
    let mut flags = Flags::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match c {
            '-' | '_' | '0' => flags.pad = Some(c),
            '^' => flags.upper = true,
            '#' => flags.swap = true,
            _ => break,
        }
        rest = &rest[1..];
    }
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits > 0 {
        flags.width = Some(rest[..digits].parse().unwrap_or(WIDEST).min(WIDEST));
    }
    // `E` and `O` ask for a locale's other digits and years: the C locale has none.
    let rest = &rest[digits..];
    (flags, rest.strip_prefix(['E', 'O']).unwrap_or(rest))
}

/// The conversion's letter, with the colons of `%:z`, and what is behind it.
fn split_letter(text: &str, colons: bool) -> (&str, &str) {
    let skipped = if colons { text.len() - text.trim_start_matches(':').len() } else { 0 };
    let letter = text[skipped..].chars().next().map_or(0, char::len_utf8);
    text.split_at(skipped + letter)
}

/// What stands for a conversion; None where it is unknown.
fn convert(letter: &str, flags: Flags, at: &Instant) -> Option<String> {
    if letter == "N" {
        return Some(fraction(at.nanos?, flags));
    }
    let text = match piece(letter, flags, at)? {
        Piece::Text(text) => match flags.width {
            Some(width) if flags.pad == Some('0') => format!("{text:0>width$}"),
            Some(width) if flags.pad != Some('-') => format!("{text:>width$}"),
            _ => text,
        },
        Piece::Number(number, width, pad) => {
            let width = flags.width.unwrap_or(width);
            match flags.pad.unwrap_or(pad) {
                '-' => number.to_string(),
                '_' => format!("{number:>width$}"),
                _ => format!("{number:0width$}"),
            }
        }
    };
    Some(if flags.upper { text.to_uppercase() } else { text })
}

/// The first digits of a second's fraction.
fn fraction(nanos: u32, flags: Flags) -> String {
    let digits = format!("{nanos:09}");
    let width = flags.width.unwrap_or(9);
    let cut = digits.get(..width).unwrap_or(&digits);
    match flags.pad {
        Some('-') if flags.width.is_none() => digits.trim_end_matches('0').to_owned(),
        _ => format!("{cut:0<width$}"),
    }
}

fn piece(letter: &str, flags: Flags, at: &Instant) -> Option<Piece> {
    let date = &at.date;
    let two = |n: i64| Piece::Number(n, 2, '0');
    let text = |text: &str| Piece::Text(text.to_owned());
    Some(match letter {
        "Y" => Piece::Number(date.year, 1, '0'),
        "G" => Piece::Number(date.iso_week().0, 1, '0'),
        "y" => two(date.year.rem_euclid(100)),
        "g" => two(date.iso_week().0.rem_euclid(100)),
        "C" => two(date.year.div_euclid(100)),
        "m" => two(i64::from(date.month)),
        "d" => two(i64::from(date.day)),
        "e" => Piece::Number(i64::from(date.day), 2, '_'),
        "H" => two(date.hour),
        "I" => two(date.hour12()),
        "k" => Piece::Number(date.hour, 2, '_'),
        "l" => Piece::Number(date.hour12(), 2, '_'),
        "M" => two(date.minute),
        "S" => two(date.second),
        "j" => Piece::Number(date.yearday, 3, '0'),
        "U" => two(date.week(0)),
        "W" => two(date.week(1)),
        "V" => two(date.iso_week().1),
        "u" => Piece::Number((date.weekday + 6) % 7 + 1, 1, '0'),
        "w" => Piece::Number(date.weekday, 1, '0'),
        "s" => Piece::Number(at.seconds, 1, '0'),
        "a" => text(&name(date.weekday_name(), flags)[..3]),
        "A" => Piece::Text(name(date.weekday_name(), flags)),
        "b" | "h" => text(&name(date.month_name(), flags)[..3]),
        "B" => Piece::Text(name(date.month_name(), flags)),
        "p" | "P" => {
            let lower = if letter == "p" { flags.swap } else { true };
            let half = if date.hour < 12 { "AM" } else { "PM" };
            Piece::Text(if lower { half.to_ascii_lowercase() } else { half.to_owned() })
        }
        "Z" => text(if flags.swap { "utc" } else { "UTC" }),
        "z" => text("+0000"),
        "n" => text("\n"),
        "t" => text("\t"),
        "%" => text("%"),
        _ => return shorthand(letter, at).map(Piece::Text).or_else(|| gnu(letter, at)),
    })
}

/// A name, in capitals under `#`.
fn name(name: &str, flags: Flags) -> String {
    if flags.swap { name.to_uppercase() } else { name.to_owned() }
}

/// Conversions that stand for others.
fn shorthand(letter: &str, at: &Instant) -> Option<String> {
    let format = match letter {
        "F" => "%Y-%m-%d",
        "T" | "X" => "%H:%M:%S",
        "R" => "%H:%M",
        "D" | "x" => "%m/%d/%y",
        "c" => "%a %b %e %H:%M:%S %Y",
        "r" => "%I:%M:%S %p",
        _ => return None,
    };
    Some(formatted(format, at))
}

/// What GNU `date` has beyond `strftime(3)`.
fn gnu(letter: &str, at: &Instant) -> Option<Piece> {
    at.nanos?;
    Some(match letter {
        "q" => Piece::Number(i64::from(at.date.month - 1) / 3 + 1, 1, '0'),
        ":z" => Piece::Text("+00:00".into()),
        "::z" => Piece::Text("+00:00:00".into()),
        ":::z" => Piece::Text("+00".into()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: &str, expected: &str) {
        assert_eq!(strftime_nanos(format, 1_767_603_605, 12_345_678), expected);
    }

    #[test]
    fn days_and_dates_are_each_others_inverse() {
        assert_eq!(civil_from_days(0), (1970, 1, 1));
        assert_eq!(civil_from_days(20_458), (2026, 1, 5));
        assert_eq!(civil_from_days(11_016), (2000, 2, 29));
        assert_eq!(civil_from_days(-1), (1969, 12, 31));
        for days in (-800_000..800_000).step_by(37) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        civil_from_days(i64::MAX);
    }

    /// Every expected text is what GNU date 9.1 prints for this instant.
    #[test]
    fn conversions_of_date() {
        check("%Y %y %C %m %d %e %-d %_d %H %I %k %l", "2026 26 20 01 05  5 5  5 09 09  9  9");
        check("%M %S %N %3N %s %j %-j %p %P", "00 05 012345678 012 1767603605 005 5 AM am");
        check("%a %^a %A %b %^B %#p %u %w %Z %z", "Mon MON Monday Jan JANUARY am 1 1 UTC +0000");
        check("%U %W %V %G %g", "01 01 02 2026 26");
        check("%:z %::z %:::z %n|%t|%%", "+00:00 +00:00:00 +00 \n|\t|%");
        check("%F %T %X %R %D %x", "2026-01-05 09:00:05 09:00:05 09:00 01/05/26 01/05/26");
        check("%c|%r|%q|%h", "Mon Jan  5 09:00:05 2026|09:00:05 AM|1|Jan");
        check("%5d %05e %_5H %Ey %Od %Q %", "00005 00005     9 26 05 %Q %");
        check("%-I %-l %_m %0e %10Y %-y %^Z %#Z", "9 9  1 05 0000002026 26 UTC utc");
        check("%_3S %12A", "  5       Monday");
    }

    #[test]
    fn a_format_without_fractions_leaves_them_as_they_are() {
        assert_eq!(strftime("%s %N %:z %q", 0), "0 %N %:z %q");
        assert_eq!(strftime("%Y-%m-%d %H:%M:%S %A", 1_709_210_096), "2024-02-29 12:34:56 Thursday");
    }

    #[test]
    fn iso_weeks_at_the_turn_of_years() {
        // What GNU date says of these days.
        for (date, expected) in [
            ((2024, 12, 30), "2025-W01-1"),
            ((2021, 1, 3), "2020-W53-7"),
            ((2026, 12, 31), "2026-W53-4"),
            ((2023, 1, 1), "2022-W52-7"),
        ] {
            let (year, month, day) = date;
            assert_eq!(strftime("%G-W%V-%u", days_from_civil(year, month, day) * DAY), expected);
        }
    }
}
