//! Times in words: the usual part of GNU's `parse_datetime`.

use machine::UnixTime;
use machine::calendar::{MONTHS, WEEKDAYS, civil_from_days, days_from_civil};

const DAY: i64 = 86400;

/// What a text says, word by word.
#[derive(Default)]
struct Said {
    date: Option<(i64, u32, u32)>,
    clock: Option<i64>,
    weekday: Option<(i64, i64)>,
    months: i64,
    days: i64,
    seconds: i64,
    /// A number that waits for its unit.
    amount: Option<i64>,
    /// What the last unit was counted with, should `ago` follow.
    last: [i64; 3],
}

/// The time that a text describes: `@SECONDS`, dates, times of day, and amounts of time relative to `now`.
pub fn describe(text: &str, now: UnixTime) -> Option<UnixTime> {
    if let Some(seconds) = text.trim().strip_prefix('@') {
        let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
        let nanos: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<9}").get(..9)?.parse().ok()? };
        return Some(UnixTime(whole.parse::<i64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanos)?));
    }
    let mut said = Said::default();
    let lower = text.to_ascii_lowercase().replace(',', " ");
    // `2024-01-05T12:00`, but no `t` of a word.
    let mut spaced = String::new();
    for (at, c) in lower.char_indices() {
        let between = |at: usize| lower.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        spaced.push(if c == 't' && at > 0 && between(at - 1) && between(at + 1) { ' ' } else { c });
    }
    let words: Vec<&str> =
        spaced.trim_end_matches('z').split_whitespace().filter(|w| !matches!(*w, "utc" | "gmt")).collect();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += said.word(word, &words[at + 1..])?;
    }
    said.amount.is_none().then_some(())?;
    said.time(now)
}

impl Said {
    /// Takes a word; how many words that were.
    fn word(&mut self, word: &str, rest: &[&str]) -> Option<usize> {
        // `+1day` and `- 1 day`.
        if matches!(word, "+" | "-") {
            let number: i64 = rest.first()?.parse().ok()?;
            self.amount = Some(if word == "-" { -number } else { number });
            return Some(2);
        }
        let digits = word.trim_start_matches(['+', '-']);
        let letters = digits.trim_start_matches(|c: char| c.is_ascii_digit());
        if letters.len() < digits.len() && !letters.is_empty() && letters.bytes().all(|b| b.is_ascii_lowercase()) {
            let number: i64 = word[..word.len() - letters.len()].trim_start_matches('+').parse().ok()?;
            if matches!(letters, "am" | "pm") {
                self.hour(number * 3600, letters == "pm")?;
            } else {
                self.amount = Some(number);
                self.unit(letters)?;
            }
            return Some(1);
        }
        if matches!(word, "am" | "pm") {
            let clock = self.clock.take().or_else(|| self.amount.take().map(|hour| hour * 3600))?;
            self.hour(clock, word == "pm")?;
            return Some(1);
        }
        if word.contains(':') {
            self.clock = Some(clock(word)?);
        } else if let Some(date) = numeric_date(word) {
            self.date = Some(date?);
        } else if let Some(month) = index(&MONTHS, word) {
            return self.named_date(month as u32 + 1, rest);
        } else if let Some(day) = index(&WEEKDAYS, word) {
            self.weekday = Some((day as i64, self.amount.take().unwrap_or(0)));
        } else if self.unit(word).is_none() {
            self.other(word)?;
        }
        Some(1)
    }

    /// Half a day more for `pm`, and midnight for twelve.
    fn hour(&mut self, clock: i64, afternoon: bool) -> Option<()> {
        (3600..13 * 3600).contains(&clock).then_some(())?;
        self.clock = Some(clock % (12 * 3600) + if afternoon { 12 * 3600 } else { 0 });
        Some(())
    }

    /// `5 Jan 2024` and `Jan 5 2024`: the month has been read.
    fn named_date(&mut self, month: u32, rest: &[&str]) -> Option<usize> {
        let mut taken = 1;
        let day = match self.amount.take() {
            Some(day) => day,
            None => {
                taken += 1;
                rest.first()?.parse().ok()?
            }
        };
        let year = rest.get(taken - 1).filter(|w| w.len() == 4).and_then(|w| w.parse().ok());
        self.date = Some((year.unwrap_or(i64::MIN), month, u32::try_from(day).ok()?));
        Some(taken + usize::from(year.is_some()))
    }

    fn unit(&mut self, word: &str) -> Option<()> {
        let [months, days, seconds] = match word.strip_suffix('s').unwrap_or(word) {
            "sec" | "second" => [0, 0, 1],
            "min" | "minute" => [0, 0, 60],
            "hour" => [0, 0, 3600],
            "day" => [0, 1, 0],
            "week" => [0, 7, 0],
            "fortnight" => [0, 14, 0],
            "month" => [1, 0, 0],
            "year" => [12, 0, 0],
            _ => return None,
        };
        let amount = self.amount.take().unwrap_or(1).clamp(-1_000_000_000, 1_000_000_000);
        self.last = [months * amount, days * amount, seconds * amount];
        self.add(1);
        Some(())
    }

    fn add(&mut self, times: i64) {
        self.months += times * self.last[0];
        self.days += times * self.last[1];
        self.seconds += times * self.last[2];
    }

    fn other(&mut self, word: &str) -> Option<()> {
        match word {
            "now" | "today" | "this" => {}
            "midnight" => self.clock = Some(0),
            "noon" => self.clock = Some(12 * 3600),
            "ago" => self.add(-2),
            "yesterday" => self.days -= 1,
            "tomorrow" => self.days += 1,
            "next" => self.amount = Some(1),
            "last" => self.amount = Some(-1),
            number => {
                // `+1` between a time of day and a unit is taken for a zone by the real one; here it counts.
                self.amount.is_none().then_some(())?;
                self.amount = Some(number.trim_start_matches('+').parse().ok()?);
            }
        }
        Some(())
    }

    fn time(&self, now: UnixTime) -> Option<UnixTime> {
        let today = now.seconds().div_euclid(DAY);
        let (mut year, mut month, mut day) = civil_from_days(today);
        if let Some((given, m, d)) = self.date {
            year = if given == i64::MIN { year } else { given };
            (month, day) = (m, d);
            let real = civil_from_days(days_from_civil(year, month, day));
            (real == (year, month, day)).then_some(())?;
        }
        // A month more may lead to a day that it has not: it runs over.
        let months = i64::from(month) - 1 + self.months;
        let year = year + months.div_euclid(12);
        (-100_000..100_000).contains(&year).then_some(())?;
        let mut days = days_from_civil(year, months.rem_euclid(12) as u32 + 1, 1) + i64::from(day) - 1 + self.days;
        if let Some((wanted, weeks)) = self.weekday {
            let ahead = (wanted - (days + 4)).rem_euclid(7);
            // "next friday" on a Wednesday is the one of this week, on a Friday that of the next.
            let weeks = if weeks > 0 && ahead > 0 { weeks - 1 } else { weeks };
            days += ahead + 7 * weeks;
        }
        let dated = self.date.is_some() || self.weekday.is_some();
        let of_day = self.clock.unwrap_or(if dated { 0 } else { now.seconds().rem_euclid(DAY) });
        let nanos = if dated || self.clock.is_some() { 0 } else { i64::from(now.subsec_nanos()) };
        let seconds = days.checked_mul(DAY)?.checked_add(of_day)?.checked_add(self.seconds)?;
        Some(UnixTime(seconds.checked_mul(1_000_000_000)?.checked_add(nanos)?))
    }
}

/// Seconds of `H:MM[:SS[.fraction]]`.
fn clock(word: &str) -> Option<i64> {
    let (hour, rest) = word.split_once(':')?;
    let (minute, second) = rest.split_once(':').unwrap_or((rest, "0"));
    let number = |text: &str, below: i64| text.parse::<i64>().ok().filter(|n| (0..below).contains(n));
    Some(number(hour, 24)? * 3600 + number(minute, 60)? * 60 + number(second.split('.').next()?, 61)?)
}

/// `YYYY-MM-DD`, `MM/DD/YYYY`, `YYYYMMDD`; the inner `None` where it is one and no date.
fn numeric_date(word: &str) -> Option<Option<(i64, u32, u32)>> {
    let number = |text: &str| text.parse::<u32>().ok();
    if word.len() == 8 && word.bytes().all(|b| b.is_ascii_digit()) {
        return Some((|| Some((word[..4].parse().ok()?, number(&word[4..6])?, number(&word[6..])?)))());
    }
    let parts: Vec<&str> = word.split(['-', '/']).collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 && word.as_bytes().first().is_some_and(u8::is_ascii_digit) => {
            Some((|| Some((year.parse().ok()?, number(month)?, number(day)?)))())
        }
        [month, day, year] if word.contains('/') => {
            Some((|| Some((year.parse().ok()?, number(month)?, number(day)?)))())
        }
        _ => None,
    }
}

/// Which of the names a word is, whole or its first letters (three at least).
fn index(names: &[&str], word: &str) -> Option<usize> {
    let word = word.trim_end_matches('.');
    names.iter().position(|name| {
        word.len() >= 3
            && name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && (word.len() == 3 || word.len() == name.len())
    })
}

#[cfg(test)]
mod tests {
    use super::super::strftime;
    use super::*;

    /// What GNU date 9.1 prints for them on Monday 2026-01-05, 09:00:00 UTC.
    #[test]
    fn times_in_words() {
        let now = UnixTime(1_767_603_600_000_000_000);
        let cases = [
            ("2024-01-31 +1 month", "2024-03-02 00:00:00"),
            ("2024-01-01 - 1 day", "2023-12-31 00:00:00"),
            ("next friday", "2026-01-09 00:00:00"),
            ("friday", "2026-01-09 00:00:00"),
            ("last monday", "2025-12-29 00:00:00"),
            ("monday", "2026-01-05 00:00:00"),
            ("next monday", "2026-01-12 00:00:00"),
            ("Jan 5 2024 3pm", "2024-01-05 15:00:00"),
            ("5 January 2024", "2024-01-05 00:00:00"),
            ("yesterday", "2026-01-04 09:00:00"),
            ("tomorrow 12:30", "2026-01-06 12:30:00"),
            ("3 days ago", "2026-01-02 09:00:00"),
            ("2 hours ago", "2026-01-05 07:00:00"),
            ("1 year ago", "2025-01-05 09:00:00"),
            ("-1 week", "2025-12-29 09:00:00"),
            ("+90min", "2026-01-05 10:30:00"),
            ("2024-02-29T12:34:56Z", "2024-02-29 12:34:56"),
            ("20240305", "2024-03-05 00:00:00"),
            ("3/5/2024", "2024-03-05 00:00:00"),
            ("12am", "2026-01-05 00:00:00"),
            ("noon", "2026-01-05 12:00:00"),
        ];
        for (text, expected) in cases {
            let found = describe(text, now).map(|time| strftime("%F %T", time));
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
        for bad in ["nonsense", "2024-13-01", "2024-02-30", "25:00", "5", "3 apples"] {
            assert_eq!(describe(bad, now), None, "{bad}");
        }
    }
}
