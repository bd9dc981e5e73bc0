//! Takes out of an output what differs between two runs of the real thing: ids, times, sizes, addresses.

use regex::Regex;

/// Patterns and what stands for them, applied in this order.
const RULES: &[(&str, &str)] = &[
    (r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[78]", ""),
    (r"\r\n", "\n"),
    // A line that was drawn over: the last drawing counts.
    (r"[^\n]*\r([^\n])", "$1"),
    (r"\r", ""),
    (r"sha256:[0-9a-f]{12,64}…?", "sha256:<ID>"),
    (r"\b[0-9a-f]{64}\b", "<ID>"),
    (r"\b[0-9a-f]{40}\b", "<NODE>"),
    (r"\([0-9a-f]{8}\.\.\.\)", "(<NODE>)"),
    (r"\b[a-z0-9]{25}\b", "<REF>"),
    (r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", "<MAC>"),
    (r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d(?: UTC)?)?", "<TIME>"),
    (r"\b\d\d? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d(\.\d+)?( GMT)?", "<TIME>"),
    (r"\b1[678]\d{8,11}\b", "<EPOCH>"),
    (r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d\b", "<TIME>"),
    (r"\b\d\d:\d\d:\d\d(\.\d+)?\b", "<TIME>"),
    (
        r"(?:Less than a second|About an? (?:minute|hour)|\d+ (?:seconds?|minutes?|hours?|days?|weeks?|months?|years?))( ago)?",
        "<AGO>",
    ),
    (r"(?m)^(#\d+ )\d+\.\d+ ", "$1"),
    (r"(?m)^(#\d+ DONE) [\d.]+s", "$1"),
    (r" ?\b(\d+m)?\d+\.\d+s\b", ""),
    (r"\b\d+(\.\d+)? ?(ms|µs)\b", "<MS>"),
    (r"(?m)^\d+\.\d{3} ", ""),
    (r"\[\+\] Building .*", "[+] Building"),
    (r"@if\d+", "@if"),
    (r"\b327[67]\d\b", "<PORT>"),
    (r"(?m)^\[\d+\] \d+$", "[1] <PID>"),
    (r"overlay2/[^ ,:\n)]*", "overlay2/<DIR>"),
    (r"\b\d+:([CMSX]) <TIME>", "<PID>:$1 <TIME>"),
    (r"\bpid=\d+", "pid=<PID>"),
    (r"(PID: |by pid |-bg-)\d+", "$1<PID>"),
    (r"\d+(:signal-handler)", "<PID>$1"),
    (r"(?m)^(\S+ +)\d{3,6}( +\d{3,6} +\d+ )\d\d:\d\d", "$1<PID>$2"),
    (r"\b\d+(\.\d+)? ?(B|[kKMGT]i?B)\b", "<SIZE>"),
    (r"\d+\.\d+%", "<PCT>"),
    (r"\b172\.\d+\.\d+\.\d+\b", "<IP>"),
    (r"\b28\.\d+\.\d+(\+dfsg\d+)?\b|\b8\.\d+\.\d+\b", "<VER>"),
    (r"(?m)\b[a-z]{4,}_[a-z]{3,}\d?\b(\s*)$", "<NAME>$1"),
    // One dot for each second that something takes.
    (r"(?m)^\.+$", ""),
    (r"[-=]{3,}", "---"),
    (r"[ \t]+", " "),
];

/// The compiled rules.
pub struct Normal {
    rules: Vec<(Regex, &'static str)>,
    short_id: Regex,
}

impl Default for Normal {
    fn default() -> Normal {
        let rules = RULES.iter().map(|(pattern, by)| (Regex::new(pattern).expect("a valid rule"), *by)).collect();
        Normal { rules, short_id: Regex::new(r"\b[0-9a-f]{12}\b").expect("a valid rule") }
    }
}

impl Normal {
    /// The lines of a text that must be equal.
    pub fn lines(&self, text: &str) -> Vec<String> {
        let mut text = text.to_string();
        for (rule, by) in &self.rules {
            text = rule.replace_all(&text, *by).into_owned();
            if *by == "<NODE>" {
                // Short ids have a digit; twelve letters from a to f may be a word.
                let id = |m: &regex::Captures| {
                    if m[0].bytes().any(|b| b.is_ascii_digit()) { "<ID>".to_string() } else { m[0].to_string() }
                };
                text = self.short_id.replace_all(&text, id).into_owned();
            }
        }
        text.lines().map(|l| l.trim().to_string()).filter(|l| !l.is_empty()).collect()
    }
}

/// Equal, or equal but for an order that the real thing does not keep either.
pub fn alike(want: &[String], got: &[String]) -> bool {
    let words = |lines: &[String]| {
        let mut words: Vec<String> = lines.iter().flat_map(|l| l.split(' ')).map(str::to_string).collect();
        words.sort();
        words
    };
    want == got || words(want) == words(got)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_goes_and_the_rest_stays() {
        let normal = Normal::default();
        let check = |a: &str, b: &str| assert_eq!(normal.lines(a), normal.lines(b));
        check("9e107d9d372b up 3 seconds", "0cc175b9c0f1 up 2 minutes");
        check("x\rabc\r\n", "abc\n");
        check("172.18.0.2   12.3MB", "172.19.0.7 1kB");
        assert_ne!(normal.lines("Error: no such"), normal.lines("Error: none such"));
        assert_eq!(normal.lines("facadefacade"), ["facadefacade"]);
    }
}
