//! Dates for prompts and `printf '%(…)T'` (strftime(3)), in UTC.

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
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

/// A date taken apart.
struct Date {
    year: i64,
    month: i64,
    day: i64,
    weekday: i64,
    yearday: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

/// Days since 1970 to year, month and day (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn date(at: i64) -> Date {
    let days = at.div_euclid(86_400);
    let second = at.rem_euclid(86_400);
    let (year, month, day) = civil(days);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let yearday = lengths.iter().take((month - 1) as usize).sum::<i64>() + day - 1;
    Date {
        year,
        month,
        day,
        weekday: (days + 4).rem_euclid(7),
        yearday,
        hour: second / 3600,
        minute: second / 60 % 60,
        second: second % 60,
    }
}

fn name(names: &'static [&'static str], at: i64) -> &'static str {
    names.get(at as usize).copied().unwrap_or("?")
}

/// Formats a time.
pub fn strftime(format: &str, at: i64) -> String {
    let date = date(at);
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(conversion) => out.push_str(&convert(&date, conversion, at)),
            None => out.push('%'),
        }
    }
    out
}

fn convert(date: &Date, conversion: char, at: i64) -> String {
    let hour12 = if date.hour % 12 == 0 { 12 } else { date.hour % 12 };
    match conversion {
        'a' => name(&DAYS, date.weekday).chars().take(3).collect(),
        'A' => name(&DAYS, date.weekday).into(),
        'b' | 'h' => name(&MONTHS, date.month - 1).chars().take(3).collect(),
        'B' => name(&MONTHS, date.month - 1).into(),
        'c' => strftime("%a %b %e %H:%M:%S %Y", at),
        'C' => format!("{:02}", date.year / 100),
        'd' => format!("{:02}", date.day),
        'D' | 'x' => strftime("%m/%d/%y", at),
        'e' => format!("{:2}", date.day),
        'F' => strftime("%Y-%m-%d", at),
        'H' => format!("{:02}", date.hour),
        'I' => format!("{hour12:02}"),
        'j' => format!("{:03}", date.yearday + 1),
        'm' => format!("{:02}", date.month),
        'M' => format!("{:02}", date.minute),
        'n' => "\n".into(),
        'p' => if date.hour < 12 { "AM" } else { "PM" }.into(),
        'r' => strftime("%I:%M:%S %p", at),
        'R' => strftime("%H:%M", at),
        's' => at.to_string(),
        'S' => format!("{:02}", date.second),
        't' => "\t".into(),
        'T' | 'X' => strftime("%H:%M:%S", at),
        'u' => (if date.weekday == 0 { 7 } else { date.weekday }).to_string(),
        'w' => date.weekday.to_string(),
        'y' => format!("{:02}", date.year % 100),
        'Y' => date.year.to_string(),
        'z' => "+0000".into(),
        'Z' => "UTC".into(),
        '%' => "%".into(),
        other => format!("%{other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::strftime;

    #[test]
    fn dates_are_right() {
        assert_eq!(strftime("%F %T %a %j", 0), "1970-01-01 00:00:00 Thu 001");
        assert_eq!(strftime("%Y-%m-%d %H:%M:%S %A", 1_709_210_096), "2024-02-29 12:34:56 Thursday");
        assert_eq!(strftime("%I:%M %p|%%|%e", 1_000_000_000), "01:46 AM|%| 9");
    }
}
