//! Patterns: `*`, `?`, `[…]` with classes, and the extended ones (glob(7), bash(1) "Pattern Matching").
//!
//! A pattern is text in which a backslash takes away the meaning of the next character.

/// How patterns are matched.
#[derive(Clone, Copy, Debug, Default)]
pub struct MatchOptions {
    /// `?(…)` and its kin are patterns.
    pub extglob: bool,
    /// Upper and lower case are the same.
    pub nocase: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Char(char),
    Any,
    Star,
    Class(Vec<ClassItem>, bool),
    Group(char, Vec<Vec<Token>>),
}

#[derive(Clone, Debug, PartialEq)]
enum ClassItem {
    Char(char),
    Range(char, char),
    Named(String),
}

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    tokens: Vec<Token>,
    nocase: bool,
}

/// Groups inside each other beyond which a parenthesis is an ordinary character.
const MAX_GROUPS: u32 = 16;

/// Steps of matching beyond which a pattern does not match: a guard against exponential ones.
const MAX_STEPS: u32 = 1_000_000;

impl Pattern {
    /// Compiles a pattern.
    pub fn new(text: &str, options: MatchOptions) -> Pattern {
        let chars: Vec<char> = text.chars().collect();
        let mut pos = 0;
        let tokens = compile(&chars, &mut pos, options, 0);
        Pattern { tokens, nocase: options.nocase }
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.matches_chars(&text)
    }

    /// Whether all these characters match.
    pub fn matches_chars(&self, text: &[char]) -> bool {
        let mut steps = 0;
        match_tokens(&self.tokens, text, self.nocase, &mut steps)
    }

    /// As [`Pattern::matches_chars`] for many texts in a row: their steps add up, and nothing matches any more
    /// when there were too many.
    pub fn matches_within(&self, text: &[char], steps: &mut u32) -> bool {
        match_tokens(&self.tokens, text, self.nocase, steps)
    }

    /// How many characters every match has, if that is the same for all.
    pub fn fixed_length(&self) -> Option<usize> {
        let fixed = !self.tokens.iter().any(|token| matches!(token, Token::Star | Token::Group(..)));
        fixed.then_some(self.tokens.len())
    }

    /// The text that the pattern stands for, if nothing in it is special.
    pub fn as_literal(&self) -> Option<String> {
        self.tokens.iter().map(|token| if let Token::Char(c) = token { Some(*c) } else { None }).collect()
    }

    /// Whether it begins with a literal dot, which alone matches hidden files.
    pub fn begins_with_dot(&self) -> bool {
        self.tokens.first() == Some(&Token::Char('.'))
    }
}

/// Whether the text has characters that make it a pattern.
pub fn is_pattern(text: &str, extglob: bool) -> bool {
    let mut chars = text.chars().peekable();
    let mut open = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '*' | '?' => return true,
            '[' => open = true,
            ']' if open => return true,
            '+' | '@' | '!' if extglob && chars.peek() == Some(&'(') => return true,
            _ => {}
        }
    }
    false
}

/// The text with every special character escaped.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\*?[]()|!+@-^".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The text without its escaping backslashes.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}

fn compile(chars: &[char], pos: &mut usize, options: MatchOptions, depth: u32) -> Vec<Token> {
    let mut tokens = Vec::new();
    while let Some(&c) = chars.get(*pos) {
        if depth > 0 && matches!(c, '|' | ')') {
            break;
        }
        let group = options.extglob && depth < MAX_GROUPS && "?*+@!".contains(c) && chars.get(*pos + 1) == Some(&'(');
        if group && let Some((token, next)) = compile_group(chars, *pos, options, depth) {
            tokens.push(token);
            *pos = next;
            continue;
        }
        *pos += 1;
        match c {
            '\\' => {
                tokens.push(Token::Char(chars.get(*pos).copied().unwrap_or('\\')));
                *pos += 1;
            }
            '?' => tokens.push(Token::Any),
            '*' if tokens.last() == Some(&Token::Star) => {}
            '*' => tokens.push(Token::Star),
            '[' => match compile_class(chars, *pos) {
                Some((token, next)) => {
                    tokens.push(token);
                    *pos = next;
                }
                None => tokens.push(Token::Char('[')),
            },
            c => tokens.push(Token::Char(c)),
        }
    }
    tokens
}

fn compile_group(chars: &[char], start: usize, options: MatchOptions, depth: u32) -> Option<(Token, usize)> {
    let kind = *chars.get(start)?;
    let mut pos = start + 2;
    let mut branches = Vec::new();
    loop {
        branches.push(compile(chars, &mut pos, options, depth + 1));
        match chars.get(pos)? {
            '|' => pos += 1,
            _ => return Some((Token::Group(kind, branches), pos + 1)),
        }
    }
}

fn compile_class(chars: &[char], start: usize) -> Option<(Token, usize)> {
    let mut pos = start;
    let negated = matches!(chars.get(pos), Some('!' | '^'));
    pos += usize::from(negated);
    let mut items = Vec::new();
    let mut first = true;
    loop {
        let mut c = *chars.get(pos)?;
        if c == ']' && !first {
            return Some((Token::Class(items, negated), pos + 1));
        }
        first = false;
        if c == '[' && chars.get(pos + 1) == Some(&':') {
            let rest = chars.get(pos + 2..)?;
            if let Some(end) = rest.windows(2).position(|pair| pair == [':', ']']) {
                items.push(ClassItem::Named(rest.iter().take(end).collect()));
                pos += end + 4;
                continue;
            }
        }
        if c == '\\' {
            pos += 1;
            c = *chars.get(pos)?;
        }
        pos += 1;
        let range_end = chars.get(pos + 1).copied().filter(|&end| chars.get(pos) == Some(&'-') && end != ']');
        match range_end {
            Some(end) => {
                let escaped = end == '\\';
                let end = if escaped { *chars.get(pos + 2)? } else { end };
                items.push(ClassItem::Range(c, end));
                pos += if escaped { 3 } else { 2 };
            }
            None => items.push(ClassItem::Char(c)),
        }
    }
}

fn in_named(class: &str, c: char) -> bool {
    match class {
        "alpha" => c.is_alphabetic(),
        "digit" => c.is_ascii_digit(),
        "alnum" => c.is_alphanumeric(),
        "upper" => c.is_uppercase(),
        "lower" => c.is_lowercase(),
        "space" => c.is_whitespace(),
        "blank" => matches!(c, ' ' | '\t'),
        "punct" => c.is_ascii_punctuation(),
        "print" => !c.is_control(),
        "graph" => !c.is_control() && !c.is_whitespace(),
        "cntrl" => c.is_control(),
        "xdigit" => c.is_ascii_hexdigit(),
        "word" => c == '_' || c.is_alphanumeric(),
        "ascii" => c.is_ascii(),
        _ => false,
    }
}

fn fold(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn match_one(token: &Token, c: char, nocase: bool) -> bool {
    let same = |a: char, b: char| a == b || (nocase && fold(a) == fold(b));
    match token {
        Token::Char(want) => same(*want, c),
        Token::Any => true,
        Token::Class(items, negated) => {
            let found = items.iter().any(|item| match item {
                ClassItem::Char(want) => same(*want, c),
                ClassItem::Range(low, high) => {
                    (*low <= c && c <= *high) || (nocase && fold(*low) <= fold(c) && fold(c) <= fold(*high))
                }
                ClassItem::Named(name) => in_named(name, c),
            });
            found != *negated
        }
        Token::Star | Token::Group(..) => false,
    }
}

/// Matches tokens against all of the text: stars backtrack in a loop, groups by recursion.
fn match_tokens(tokens: &[Token], text: &[char], nocase: bool, steps: &mut u32) -> bool {
    let (mut t, mut i) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        *steps += 1;
        if *steps > MAX_STEPS {
            return false;
        }
        match tokens.get(t) {
            Some(Token::Star) => {
                star = Some((t + 1, i));
                t += 1;
                continue;
            }
            Some(Token::Group(kind, branches)) => {
                let rest = tokens.get(t + 1..).unwrap_or(&[]);
                if match_group(*kind, branches, rest, text.get(i..).unwrap_or(&[]), nocase, steps) {
                    return true;
                }
            }
            Some(token) if text.get(i).is_some_and(|&c| match_one(token, c, nocase)) => {
                t += 1;
                i += 1;
                continue;
            }
            Some(_) => {}
            None if i == text.len() => return true,
            None => {}
        }
        match &mut star {
            Some((after, from)) if *from < text.len() => {
                *from += 1;
                (t, i) = (*after, *from);
            }
            _ => return false,
        }
    }
}

fn match_group(
    kind: char,
    branches: &[Vec<Token>],
    rest: &[Token],
    text: &[char],
    nocase: bool,
    steps: &mut u32,
) -> bool {
    if kind == '!' {
        return (0..=text.len()).any(|end| {
            let (head, tail) = text.split_at(end);
            !branches.iter().any(|branch| match_tokens(branch, head, nocase, steps))
                && match_tokens(rest, tail, nocase, steps)
        });
    }
    if matches!(kind, '?' | '*') && match_tokens(rest, text, nocase, steps) {
        return true;
    }
    for end in 0..=text.len() {
        let (head, tail) = text.split_at(end);
        if !branches.iter().any(|branch| match_tokens(branch, head, nocase, steps)) {
            continue;
        }
        if match_tokens(rest, tail, nocase, steps) {
            return true;
        }
        if matches!(kind, '*' | '+') && end > 0 && match_group('*', branches, rest, tail, nocase, steps) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_bash() {
        let options = MatchOptions { extglob: true, nocase: false };
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*b*c", "aXbYbZc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]a]", "]", true),
            ("[[:digit:]]*", "7up", true),
            ("[a", "[a", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("@(a|b)c", "bc", true),
            ("!(*.o)", "a.c", true),
            ("!(*.o)", "a.o", false),
            ("+(ab)", "ababab", true),
            ("+(ab)", "", false),
            ("*(a|b)c", "abbac", true),
            ("?(x)y", "y", true),
            ("[가-힣]*", "한글", true),
            ("a\\", "a\\", true),
        ] {
            assert_eq!(Pattern::new(pattern, options).matches(text), expected, "{pattern} {text}");
        }
        assert!(Pattern::new("ABC*", MatchOptions { extglob: false, nocase: true }).matches("abcd"));
    }

    #[test]
    fn hostile_patterns_end() {
        let text = "a".repeat(60);
        let options = MatchOptions { extglob: true, nocase: false };
        assert!(!Pattern::new("+(+(a|aa)|+(aaa))b", options).matches(&text));
        assert!(!Pattern::new(&"*a".repeat(30), MatchOptions::default()).matches(&"b".repeat(200)));
    }

    #[test]
    fn what_is_escaped_is_literal() {
        assert!(Pattern::new(&escape("a*[b]?\\"), MatchOptions::default()).matches("a*[b]?\\"));
        assert_eq!(unescape(&escape("a*b")), "a*b");
        assert!(is_pattern("a*", false) && !is_pattern("a\\*", false) && !is_pattern("a[", false));
    }
}
