//! Times as logs and headers write them, all in UTC.

use machine::UnixTime;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Year, month (0 to 11), day, seconds of the day.
fn civil(time: UnixTime) -> (i64, usize, i64, i64) {
    let (days, second) = (time.seconds().div_euclid(86_400), time.seconds().rem_euclid(86_400));
    // Years that begin in March, in eras of 400 years (the proleptic Gregorian calendar).
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let january = (month + 2) % 12;
    (year + era * 400 + i64::from(month >= 10), january as usize, day, second)
}

fn clock(second: i64) -> String {
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

/// `2025/11/22 06:00:00`
pub fn log(time: UnixTime) -> String {
    let (year, month, day, second) = civil(time);
    format!("{year}/{:02}/{day:02} {}", month + 1, clock(second))
}

/// `22/Nov/2025:06:00:00 +0000`
pub fn access(time: UnixTime) -> String {
    let (year, month, day, second) = civil(time);
    format!("{day:02}/{}/{year}:{} +0000", MONTHS.get(month).unwrap_or(&""), clock(second))
}

/// `Sat, 22 Nov 2025 06:00:00 GMT` (`RFC 9110`, 5.6.7)
pub fn http(time: UnixTime) -> String {
    let (year, month, day, second) = civil(time);
    let weekday = DAYS[time.seconds().div_euclid(86_400).rem_euclid(7) as usize];
    format!("{weekday}, {day:02} {} {year} {} GMT", MONTHS.get(month).unwrap_or(&""), clock(second))
}

/// `22-Nov-2025 06:00`, of a list of files.
pub fn listing(time: UnixTime) -> String {
    let (year, month, day, second) = civil(time);
    format!("{day:02}-{}-{year} {}", MONTHS.get(month).unwrap_or(&""), &clock(second)[..5])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let time = UnixTime(1_763_791_205_000_000_000);
        assert_eq!(http(time), "Sat, 22 Nov 2025 06:00:05 GMT");
        assert_eq!(access(time), "22/Nov/2025:06:00:05 +0000");
        assert_eq!(log(time), "2025/11/22 06:00:05");
        assert_eq!(http(UnixTime(951_782_400_000_000_000)), "Tue, 29 Feb 2000 00:00:00 GMT");
    }
}
