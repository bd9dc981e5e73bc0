//! Sets of processors as `--cpuset-cpus` names them: `0-2,4` (cpuset(7), "List format").

/// A bit for each processor, the highest for all from 63 on; `None` where the text is no list.
pub fn parse(text: &str) -> Option<u64> {
    text.split(',').try_fold(0, |set, range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last).then(|| (first.min(63)..=last.min(63)).fold(set, |set, n| set | 1 << n))
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lists_of_ranges() {
        assert_eq!(parse("0"), Some(1));
        assert_eq!(parse("0-2,4"), Some(0b10111));
        assert_eq!(parse("63"), Some(1 << 63));
        assert_eq!(parse("0,4000000000"), Some(1 | 1 << 63));
        for wrong in ["", "x", "2-1", "0,", "-1"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
