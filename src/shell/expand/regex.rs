//! POSIX extended regular expressions for `[[ … =~ … ]]` (regex(7)): leftmost, and longest where
//! alternatives differ.

use super::pattern::{MatchOptions, Pattern};

/// A compiled expression.
pub struct Regex {
    node: Node,
    groups: usize,
    nocase: bool,
}

enum Node {
    Char(char),
    Any,
    Class(Pattern),
    Start,
    End,
    Group(Box<Node>, usize),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat(Box<Node>, u32, u32),
}

/// Groups inside each other beyond which an expression is refused.
const MAX_DEPTH: u32 = 32;

/// Steps beyond which a text does not match: a guard against exponential expressions.
const MAX_STEPS: u32 = 200_000;

/// How deep matching may call itself.
const MAX_CALLS: u32 = 300;

/// `a{1,255}` is the most that POSIX asks for.
const MAX_REPEAT: u32 = 32_767;

impl Regex {
    /// Compiles; none if the expression is wrong.
    pub fn new(text: &str, nocase: bool) -> Option<Regex> {
        let mut parser = RegexParser { chars: text.chars().collect(), pos: 0, groups: 0, depth: 0 };
        let node = parser.either()?;
        if parser.pos < parser.chars.len() {
            return None;
        }
        Some(Regex { node, groups: parser.groups, nocase })
    }

    /// The first match: the whole of it, then each group (empty where it took no part).
    pub fn find(&self, text: &str) -> Option<Vec<String>> {
        let chars: Vec<char> = text.chars().collect();
        let mut steps = 0;
        for start in 0..=chars.len() {
            let mut run = Run {
                text: &chars,
                groups: vec![None; self.groups + 1],
                steps,
                calls: 0,
                nocase: self.nocase,
                best: None,
            };
            run.step(&self.node, start, &mut |run, end| {
                if run.best.as_ref().is_none_or(|(best, _)| end > *best) {
                    run.best = Some((end, run.groups.clone()));
                }
                end == run.text.len()
            });
            steps = run.steps;
            if let Some((end, groups)) = run.best {
                let slice =
                    |range: (usize, usize)| chars.get(range.0..range.1).unwrap_or(&[]).iter().collect::<String>();
                let mut all = vec![slice((start, end))];
                all.extend(groups.iter().skip(1).map(|group| group.map(slice).unwrap_or_default()));
                return Some(all);
            }
        }
        None
    }
}

type Groups = Vec<Option<(usize, usize)>>;

struct Run<'a> {
    text: &'a [char],
    groups: Groups,
    steps: u32,
    calls: u32,
    nocase: bool,
    best: Option<(usize, Groups)>,
}

/// What is done where a node matched up to a position; true ends the search.
type Next<'n, 'a> = &'n mut dyn FnMut(&mut Run<'a>, usize) -> bool;

impl<'a> Run<'a> {
    fn step(&mut self, node: &Node, at: usize, next: Next<'_, 'a>) -> bool {
        self.steps += 1;
        if self.steps > MAX_STEPS || self.calls > MAX_CALLS {
            return false;
        }
        self.calls += 1;
        let found = self.step_inside(node, at, next);
        self.calls -= 1;
        found
    }

    fn step_inside(&mut self, node: &Node, at: usize, next: Next<'_, 'a>) -> bool {
        let c = self.text.get(at).copied();
        match node {
            Node::Char(want) => {
                let same = |c: char| c == *want || (self.nocase && c.to_lowercase().eq(want.to_lowercase()));
                c.is_some_and(same) && next(self, at + 1)
            }
            Node::Any => c.is_some() && next(self, at + 1),
            Node::Class(pattern) => c.is_some_and(|c| pattern.matches_chars(&[c])) && next(self, at + 1),
            Node::Start => at == 0 && next(self, at),
            Node::End => at == self.text.len() && next(self, at),
            Node::Group(inner, index) => {
                let index = *index;
                let old = self.groups.get(index).copied().flatten();
                let found = self.step(inner, at, &mut |run, end| {
                    let before = run.groups.get(index).copied().flatten();
                    if let Some(group) = run.groups.get_mut(index) {
                        *group = Some((at, end));
                    }
                    let found = next(run, end);
                    if let Some(group) = run.groups.get_mut(index) {
                        *group = before;
                    }
                    found
                });
                if let Some(group) = self.groups.get_mut(index) {
                    *group = old;
                }
                found
            }
            Node::Sequence(nodes) => self.sequence(nodes, at, next),
            Node::Either(nodes) => nodes.iter().any(|node| self.step(node, at, next)),
            Node::Repeat(inner, low, high) => self.repeat(inner, *low, *high, at, next),
        }
    }

    fn sequence(&mut self, nodes: &[Node], at: usize, next: Next<'_, 'a>) -> bool {
        match nodes.split_first() {
            None => next(self, at),
            Some((first, rest)) => self.step(first, at, &mut |run, end| run.sequence(rest, end, next)),
        }
    }

    fn repeat(&mut self, inner: &Node, low: u32, high: u32, at: usize, next: Next<'_, 'a>) -> bool {
        if matches!(inner, Node::Char(_) | Node::Any | Node::Class(_)) {
            return self.repeat_single(inner, low, high, at, next);
        }
        if high > 0 {
            let more = self.step(inner, at, &mut |run, end| {
                (end > at || low > 0) && run.repeat(inner, low.saturating_sub(1), high - 1, end, next)
            });
            if more {
                return true;
            }
        }
        low == 0 && next(self, at)
    }

    /// A repeated single character needs no recursion.
    fn repeat_single(&mut self, inner: &Node, low: u32, high: u32, at: usize, next: Next<'_, 'a>) -> bool {
        let mut end = at;
        while ((end - at) as u32) < high && self.step(inner, end, &mut |_, _| true) {
            end += 1;
        }
        loop {
            if ((end - at) as u32) < low {
                return false;
            }
            if next(self, end) {
                return true;
            }
            if end == at {
                return false;
            }
            end -= 1;
        }
    }
}

struct RegexParser {
    chars: Vec<char>,
    pos: usize,
    groups: usize,
    depth: u32,
}

impl RegexParser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.pos).copied()
    }

    fn either(&mut self) -> Option<Node> {
        let mut branches = vec![self.sequence()?];
        while self.peek() == Some('|') {
            self.pos += 1;
            branches.push(self.sequence()?);
        }
        if branches.len() == 1 { branches.pop() } else { Some(Node::Either(branches)) }
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut nodes = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || (c == ')' && self.depth > 0) {
                break;
            }
            let node = self.atom(c)?;
            nodes.push(self.repeated(node)?);
        }
        Some(Node::Sequence(nodes))
    }

    fn atom(&mut self, c: char) -> Option<Node> {
        self.pos += 1;
        Some(match c {
            '.' => Node::Any,
            '^' => Node::Start,
            '$' => Node::End,
            '*' | '+' | '?' => return None,
            '(' => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return None;
                }
                self.groups += 1;
                let index = self.groups;
                let inner = self.either()?;
                if self.peek() != Some(')') {
                    return None;
                }
                self.pos += 1;
                self.depth -= 1;
                Node::Group(Box::new(inner), index)
            }
            '[' => self.class()?,
            '\\' => {
                let c = self.peek()?;
                self.pos += 1;
                Node::Char(c)
            }
            c => Node::Char(c),
        })
    }

    /// A bracket expression has the same form in patterns, but for the backslash, which is plain here.
    fn class(&mut self) -> Option<Node> {
        let start = self.pos - 1;
        let mut at = self.pos;
        at += usize::from(self.chars.get(at) == Some(&'^'));
        at += usize::from(self.chars.get(at) == Some(&']'));
        while self.chars.get(at) != Some(&']') {
            if self.chars.get(at) == Some(&'[') && self.chars.get(at + 1) == Some(&':') {
                let rest = self.chars.get(at + 2..)?;
                at += 2 + rest.windows(2).position(|pair| pair == [':', ']'])? + 2;
                continue;
            }
            self.chars.get(at)?;
            at += 1;
        }
        let text: String = self.chars.get(start..=at)?.iter().collect::<String>().replace('\\', "\\\\");
        self.pos = at + 1;
        Some(Node::Class(Pattern::new(&text, MatchOptions::default())))
    }

    fn repeated(&mut self, mut node: Node) -> Option<Node> {
        while let Some(c) = self.peek() {
            let (low, high) = match c {
                '*' => (0, u32::MAX),
                '+' => (1, u32::MAX),
                '?' => (0, 1),
                '{' if self.chars.get(self.pos + 1).is_some_and(char::is_ascii_digit) => {
                    let close = self.chars.iter().skip(self.pos).position(|c| *c == '}')? + self.pos;
                    let text: String = self.chars.get(self.pos + 1..close)?.iter().collect();
                    self.pos = close;
                    let (low, high) = match text.split_once(',') {
                        None => (text.parse().ok()?, text.parse().ok()?),
                        Some((low, "")) => (low.parse().ok()?, u32::MAX),
                        Some((low, high)) => (low.parse().ok()?, high.parse().ok()?),
                    };
                    if low > MAX_REPEAT || low > high {
                        return None;
                    }
                    (low, high)
                }
                _ => break,
            };
            self.pos += 1;
            node = Node::Repeat(Box::new(node), low, high);
        }
        Some(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(pattern: &str, text: &str) -> Option<Vec<String>> {
        Regex::new(pattern, false)?.find(text)
    }

    #[test]
    fn expressions_match_as_posix_says() {
        let groups = |texts: &[&str]| Some(texts.iter().map(|t| t.to_string()).collect::<Vec<_>>());
        assert_eq!(find("^([a-z]+)-([0-9]+)$", "redis-7000"), groups(&["redis-7000", "redis", "7000"]));
        assert_eq!(find("a|ab|abc", "xabcd"), groups(&["abc"]));
        assert_eq!(find("(foo|bar)?x", "x"), groups(&["x", ""]));
        assert_eq!(find("[[:digit:]]{2,3}", "a12345"), groups(&["123"]));
        assert_eq!(find("a.c$", "abcd"), None);
        assert_eq!(find("\\.txt$", "a.txt"), groups(&[".txt"]));
        assert_eq!(find("^$", ""), groups(&[""]));
        assert!(Regex::new("a(b", false).is_none() && Regex::new("*a", false).is_none());
    }

    #[test]
    fn hostile_expressions_end() {
        assert_eq!(find("^(a+)+$", &("a".repeat(40) + "b")), None);
        assert!(find("(x*)*y", &"x".repeat(3000)).is_none());
    }
}
