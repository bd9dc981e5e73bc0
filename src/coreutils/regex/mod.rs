//! POSIX regular expressions (`regex(7)`), basic and extended, with GNU's additions, as grep and sed use them.
//!
//! Matches are leftmost and longest. Without back-references a match takes time in proportion to text times
//! pattern; with them it is a search with a limit on its steps.

mod compile;
mod matcher;
mod parse;

use compile::Instruction;

/// Which syntax, and how letters compare.
#[derive(Clone, Copy, Default)]
pub struct Syntax {
    /// `grep -E`.
    pub extended: bool,
    /// `grep -P`, as far as it goes: what is not known is an error. The first way that matches counts, not the longest.
    pub perl: bool,
    /// Capital and small letters are equal.
    pub ignore_case: bool,
}

/// A compiled expression.
pub struct Regex {
    program: Vec<Instruction>,
    groups: usize,
    backtracks: bool,
    ignore_case: bool,
    perl: bool,
}

/// Where the whole and each group matched, in bytes of the text.
pub type Captures = Vec<Option<(usize, usize)>>;

impl Regex {
    /// Compiles; the error is glibc's text.
    pub fn new(pattern: &str, syntax: Syntax) -> Result<Regex, &'static str> {
        let (pattern, folded) = match pattern.strip_prefix("(?i)") {
            Some(rest) if syntax.perl => (rest, true),
            _ => (pattern, false),
        };
        let ignore_case = syntax.ignore_case || folded;
        let (node, groups) = parse::parse(pattern, syntax)?;
        let (program, backtracks) = compile::compile(&node, ignore_case)?;
        Ok(Regex { program, groups, backtracks: backtracks || syntax.perl, ignore_case, perl: syntax.perl })
    }

    /// How many groups there are.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// The leftmost-longest match at or behind `start`.
    pub fn find_at(&self, text: &str, start: usize) -> Option<Captures> {
        if self.backtracks { matcher::backtrack(self, text, start) } else { matcher::simulate(self, text, start) }
    }

    /// Whether it matches anywhere.
    pub fn is_match(&self, text: &str) -> bool {
        self.find_at(text, 0).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(pattern: &str, extended: bool, text: &str) -> Option<String> {
        let regex = Regex::new(pattern, Syntax { extended, ..Syntax::default() }).unwrap();
        let (from, to) = regex.find_at(text, 0)?[0]?;
        Some(text[from..to].to_string())
    }

    fn group(pattern: &str, extended: bool, text: &str, number: usize) -> Option<String> {
        let regex = Regex::new(pattern, Syntax { extended, ..Syntax::default() }).unwrap();
        let (from, to) = regex.find_at(text, 0)?[number]?;
        Some(text[from..to].to_string())
    }

    #[test]
    fn basic() {
        let cases = [
            ("b*", "abbb", Some("")),
            ("bb*", "abbb", Some("bbb")),
            ("*a", "x*a", Some("*a")),
            ("a\\{2,3\\}", "aaaa", Some("aaa")),
            ("a\\+", "caab", Some("aa")),
            ("a\\|bc", "xbc", Some("bc")),
            ("a+", "a+", Some("a+")),
            ("^b", "ab", None),
            ("a^b", "a^b", Some("a^b")),
            ("b$", "ab", Some("b")),
            ("a$b", "a$b", Some("a$b")),
            ("[[:digit:]]*$", "ab12", Some("12")),
            ("[]a]*", "]a]b", Some("]a]")),
            ("[^]a]", "]ab", Some("b")),
            ("[a-c]*", "abcd", Some("abc")),
            ("\\<the\\>", "other the", Some("the")),
            ("\\w\\+", "--a_1--", Some("a_1")),
            ("\\.", "a.b", Some(".")),
            ("한.", "대한민국", Some("한민")),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(find(pattern, false, text).as_deref(), expected, "{pattern} in {text}");
        }
    }

    #[test]
    fn extended() {
        let cases = [
            ("a|ab|abc", "abcd", Some("abc")),
            ("(a|ab)(c|bcd)", "abcd", Some("abcd")),
            ("x{2}", "axxx", Some("xx")),
            ("x{2,}", "axxxx", Some("xxxx")),
            ("a{,2}", "aaa", Some("aa")),
            ("()", "a", Some("")),
            ("a?b", "ab", Some("ab")),
            ("(a*)*", "aaa", Some("aaa")),
            ("(a*)+b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", None),
            ("[.]", "a.b", Some(".")),
            ("a{x", "a{x", Some("a{x")),
            ("^(on|off)$", "off", Some("off")),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(find(pattern, true, text).as_deref(), expected, "{pattern} in {text}");
        }
    }

    #[test]
    fn groups_and_back_references() {
        assert_eq!(group("\\([^=]*\\)=\\(.*\\)", false, "key=a=b", 2).as_deref(), Some("a=b"));
        assert_eq!(find("\\(.\\)\\1", false, "abccd").as_deref(), Some("cc"));
        assert_eq!(group("(a)|(b)", true, "b", 1), None);
        let regex = Regex::new("HELLO", Syntax { ignore_case: true, ..Syntax::default() }).unwrap();
        assert!(regex.is_match("say Hello"));
    }

    #[test]
    fn perls() {
        let cases = [
            (r"\d+", "ab12c", Some("12")),
            (r"(?<=GET )\S+", "GET /a HTTP", Some("/a")),
            (r"\w+(?=@)", "me kim@x", Some("kim")),
            (r"(?<!\d)\d{2}(?!\d)", "123 45", Some("45")),
            (r"a.*?b", "aXbYb", Some("aXb")),
            (r"a|ab", "ab", Some("a")),
            (r"key=\K\w+", "key=value", Some("value")),
            (r"(?<year>\d{4})-(?:\d\d)", "2024-05", Some("2024-05")),
            (r"(?i)hello", "HeLLo", Some("HeLLo")),
            (r"[\d.]+", "v1.2.3", Some("1.2.3")),
            (r"(\w)\1", "abccd", Some("cc")),
            (r"^\s*$", "  ", Some("  ")),
            (r"\bcat\b", "concat cat", Some("cat")),
            (r"\x41\.", "A.", Some("A.")),
            (r"(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaac", None),
        ];
        for (pattern, text, expected) in cases {
            let regex = Regex::new(pattern, Syntax { extended: true, perl: true, ignore_case: false }).unwrap();
            let found = regex.find_at(text, 0).and_then(|captures| captures[0]).map(|(from, to)| &text[from..to]);
            assert_eq!(found, expected, "{pattern} in {text}");
        }
    }

    #[test]
    fn errors() {
        let error = |pattern: &str, extended| Regex::new(pattern, Syntax { extended, ..Syntax::default() }).err();
        assert_eq!(error("[a", false), Some("Unmatched [, [^, [:, [., or [="));
        assert_eq!(error("\\(a", false), Some("Unmatched ( or \\("));
        assert_eq!(error("(a", true), Some("Unmatched ( or \\("));
        assert_eq!(error("a\\)", false), Some("Unmatched ) or \\)"));
        assert_eq!(error("a\\{1", false), Some("Unmatched \\{"));
        assert_eq!(error("a\\", false), Some("Trailing backslash"));
        assert_eq!(error("[b-a]", false), Some("Invalid range end"));
        assert_eq!(error("[[:foo:]]", false), Some("Invalid character class name"));
        assert_eq!(error("\\1", false), Some("Invalid back reference"));
        assert!(error(&"(".repeat(5000), true).is_some());
        assert_eq!(error(&format!("a{}", "*".repeat(5000)), true), Some("Regular expression too big"));
        assert_eq!(error("((a{255}){255}){255}", true), Some("Regular expression too big"));
    }
}
