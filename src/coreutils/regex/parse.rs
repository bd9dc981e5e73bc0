//! From the text of an expression to its tree.

use super::Syntax;

/// Deepest nesting of groups.
const DEEPEST: usize = 200;
/// Most repetition operators behind one atom.
const MOST_REPEATS: usize = 50;
/// Largest count in an interval (`RE_DUP_MAX`).
const MOST: u32 = 32767;

/// A piece of an expression.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Empty,
    Char(char),
    Any,
    Set(Set),
    LineStart,
    LineEnd,
    WordStart,
    WordEnd,
    WordBoundary,
    NotWordBoundary,
    Group(usize, Box<Node>),
    BackReference(usize),
    Repeat(Box<Node>, u32, Option<u32>),
    /// As few as possible.
    Lazy(Box<Node>, u32, Option<u32>),
    /// `\K`: the match begins here.
    Keep,
    /// `(?=…)` and its like.
    Look {
        ahead: bool,
        negated: bool,
        inner: Box<Node>,
    },
    Sequence(Vec<Node>),
    Either(Vec<Node>),
}

/// A bracket expression.
#[derive(Debug, Clone, Default)]
pub(super) struct Set {
    pub negated: bool,
    pub ranges: Vec<(char, char)>,
    pub classes: Vec<Class>,
}

/// `[:name:]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Class(pub fn(char) -> bool, pub bool);

impl Set {
    pub fn contains(&self, c: char) -> bool {
        let listed = self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&c));
        (listed || self.classes.iter().any(|class| (class.0)(c) == class.1)) != self.negated
    }
}

/// A character of words.
pub(super) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    extended: bool,
    perl: bool,
    groups: usize,
    closed: Vec<usize>,
    depth: usize,
}

/// The tree and the number of groups.
pub(super) fn parse(pattern: &str, syntax: Syntax) -> Result<(Node, usize), &'static str> {
    let Syntax { extended, perl, .. } = syntax;
    let mut parser =
        Parser { chars: pattern.chars().collect(), at: 0, extended, perl, groups: 0, closed: Vec::new(), depth: 0 };
    let node = parser.alternatives()?;
    if parser.at < parser.chars.len() {
        return Err("Unmatched ) or \\)");
    }
    Ok((node, parser.groups))
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c))
    }

    fn accept(&mut self, text: &str) -> bool {
        let found = self.looking_at(text);
        if found {
            self.at += text.chars().count();
        }
        found
    }

    /// An operator that basic syntax writes with a backslash.
    fn operator(&self, c: char) -> String {
        if self.extended { c.to_string() } else { format!("\\{c}") }
    }

    fn alternatives(&mut self) -> Result<Node, &'static str> {
        let (bar, close) = (self.operator('|'), self.operator(')'));
        let mut branches = vec![self.sequence(&bar, &close)?];
        while self.accept(&bar) {
            branches.push(self.sequence(&bar, &close)?);
        }
        Ok(if branches.len() == 1 { branches.remove(0) } else { Node::Either(branches) })
    }

    fn sequence(&mut self, bar: &str, close: &str) -> Result<Node, &'static str> {
        let mut nodes = Vec::new();
        while self.at < self.chars.len() && !self.looking_at(bar) {
            // A closing parenthesis without an opening one is a character in extended syntax.
            if self.looking_at(close) && (self.depth > 0 || !self.extended) {
                break;
            }
            let atom = self.atom(nodes.is_empty(), bar, close)?;
            let atom = self.repeats(atom)?;
            nodes.push(atom);
        }
        Ok(match nodes.len() {
            0 => Node::Empty,
            1 => nodes.remove(0),
            _ => Node::Sequence(nodes),
        })
    }

    fn atom(&mut self, first: bool, bar: &str, close: &str) -> Result<Node, &'static str> {
        let open = self.operator('(');
        if self.accept(&open) {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err("Regular expression too big");
            }
            if self.perl && self.accept("?") && !self.name()? {
                return self.special(close);
            }
            self.groups += 1;
            let number = self.groups;
            let inner = self.alternatives()?;
            if !self.accept(close) {
                return Err("Unmatched ( or \\(");
            }
            self.depth -= 1;
            self.closed.push(number);
            return Ok(Node::Group(number, Box::new(inner)));
        }
        let Some(c) = self.peek() else { return Ok(Node::Empty) };
        self.at += 1;
        Ok(match c {
            '.' => Node::Any,
            '[' => Node::Set(self.bracket()?),
            '^' if self.extended || first => Node::LineStart,
            '$' if self.extended || self.at == self.chars.len() || self.looking_at(bar) || self.looking_at(close) => {
                Node::LineEnd
            }
            '*' | '+' | '?' if self.extended && first => {
                if c == '*' {
                    Node::Empty
                } else {
                    return Err("Invalid preceding regular expression");
                }
            }
            '\\' => self.escaped()?,
            c => Node::Char(c),
        })
    }

    /// The name of a group behind `(?`, if one stands here; names are of no use to grep.
    fn name(&mut self) -> Result<bool, &'static str> {
        let start = self.at;
        self.accept("P");
        let named = self.accept("<") && !matches!(self.peek(), Some('=' | '!'));
        if !named {
            self.at = start;
            return Ok(false);
        }
        while let Some(c) = self.peek() {
            self.at += 1;
            if c == '>' {
                return Ok(true);
            }
        }
        Err("syntax error in subpattern name (missing terminator?)")
    }

    /// What stands behind `(?` and is no group that counts.
    fn special(&mut self, close: &str) -> Result<Node, &'static str> {
        let kinds = [(":", None), ("=", Some((true, false))), ("!", Some((true, true)))];
        let behind = [("<=", Some((false, false))), ("<!", Some((false, true)))];
        let found = kinds.iter().chain(&behind).find(|(mark, _)| self.looking_at(mark));
        let (mark, look) = found.ok_or("drydock: this kind of group is not emulated here")?;
        self.accept(mark);
        let inner = self.alternatives()?;
        if !self.accept(close) {
            return Err("missing closing parenthesis");
        }
        self.depth -= 1;
        Ok(match look {
            None => inner,
            Some((ahead, negated)) => Node::Look { ahead: *ahead, negated: *negated, inner: Box::new(inner) },
        })
    }

    /// A letter behind a backslash that means something to Perl alone, or something else than elsewhere.
    fn perls(&mut self, c: char) -> Option<Result<Node, &'static str>> {
        if let Some(Class(is, wanted)) = perl_class(c) {
            return Some(Ok(Node::Set(Set { classes: vec![Class(is, wanted)], ..Set::default() })));
        }
        Some(Ok(match c {
            'K' => Node::Keep,
            'A' => Node::LineStart,
            'z' | 'Z' => Node::LineEnd,
            'x' => {
                let digits: String =
                    self.chars[self.at..].iter().take(2).take_while(|c| c.is_ascii_hexdigit()).collect();
                self.at += digits.len();
                Node::Char(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).unwrap_or('\0'))
            }
            'e' => Node::Char('\u{1b}'),
            'r' => Node::Char('\r'),
            '<' | '>' | '`' | '\'' => Node::Char(c),
            'Q' | 'E' | 'G' | 'p' | 'P' | 'R' | 'X' | 'g' | 'k' | 'N' | 'H' | 'V' | 'v' => {
                return Some(Err("drydock: this escape is not emulated here"));
            }
            _ => return None,
        }))
    }

    fn escaped(&mut self) -> Result<Node, &'static str> {
        let c = self.peek().ok_or("Trailing backslash")?;
        self.at += 1;
        if let Some(node) = Some(c).filter(|_| self.perl).and_then(|c| self.perls(c)) {
            return node;
        }
        let class =
            |is: fn(char) -> bool, wanted| Node::Set(Set { classes: vec![Class(is, wanted)], ..Set::default() });
        Ok(match c {
            '1'..='9' => {
                let number = c as usize - '0' as usize;
                if !self.closed.contains(&number) {
                    return Err("Invalid back reference");
                }
                Node::BackReference(number)
            }
            'w' => class(is_word, true),
            'W' => class(is_word, false),
            's' => class(char::is_whitespace, true),
            'S' => class(char::is_whitespace, false),
            'b' => Node::WordBoundary,
            'B' => Node::NotWordBoundary,
            '<' => Node::WordStart,
            '>' => Node::WordEnd,
            '`' => Node::LineStart,
            '\'' => Node::LineEnd,
            'n' => Node::Char('\n'),
            't' => Node::Char('\t'),
            '{' if !self.extended => return Err("Invalid preceding regular expression"),
            c => Node::Char(c),
        })
    }

    fn repeats(&mut self, mut atom: Node) -> Result<Node, &'static str> {
        for _ in 0..MOST_REPEATS {
            // At the start and behind an anchor, `*` is a character in basic syntax.
            let plain = !self.extended && matches!(atom, Node::LineStart);
            let (from, to) = if !plain && self.accept("*") {
                (0, None)
            } else if self.accept(&self.operator('+')) {
                (1, None)
            } else if self.accept(&self.operator('?')) {
                (0, Some(1))
            } else {
                match self.interval()? {
                    Some(interval) => interval,
                    None => return Ok(atom),
                }
            };
            if self.perl && self.accept("?") {
                return Ok(Node::Lazy(Box::new(atom), from, to));
            }
            if self.perl && self.looking_at("+") {
                return Err("drydock: possessive quantifiers are not emulated here");
            }
            atom = Node::Repeat(Box::new(atom), from, to);
        }
        Err("Regular expression too big")
    }

    /// `{m,n}`, if one stands here.
    fn interval(&mut self) -> Result<Option<(u32, Option<u32>)>, &'static str> {
        let (start, open) = (self.at, self.operator('{'));
        if !self.accept(&open) {
            return Ok(None);
        }
        let from = self.number();
        let to = if self.accept(",") { self.number() } else { from };
        let comma = self.chars.get(self.at.wrapping_sub(1)) == Some(&',');
        let close = self.operator('}');
        let valid = self.looking_at(&close) && (from.is_some() || comma || to.is_some());
        if !valid {
            if self.extended {
                // A brace that begins no interval stands for itself.
                self.at = start;
                return Ok(None);
            }
            return Err(if self.at >= self.chars.len() { "Unmatched \\{" } else { "Invalid content of \\{\\}" });
        }
        self.accept(&close);
        let low = from.unwrap_or(0);
        if low > MOST || to.is_some_and(|to| to > MOST) {
            return Err("Regular expression too big");
        }
        if to.is_some_and(|to| to < low) {
            return Err("Invalid content of \\{\\}");
        }
        Ok(Some((low, to)))
    }

    fn number(&mut self) -> Option<u32> {
        let mut value = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            value = Some(value.unwrap_or(0u32).saturating_mul(10).saturating_add(digit));
            self.at += 1;
        }
        value
    }

    fn bracket(&mut self) -> Result<Set, &'static str> {
        const UNMATCHED: &str = "Unmatched [, [^, [:, [., or [=";
        let mut set = Set { negated: self.accept("^"), ..Set::default() };
        let mut first = true;
        if self.peek().is_none() {
            return Err("Invalid regular expression");
        }
        loop {
            let c = self.peek().ok_or(UNMATCHED)?;
            self.at += 1;
            if c == ']' && !first {
                return Ok(set);
            }
            first = false;
            if c == '[' && self.accept(":") {
                let name: String = self.chars[self.at..].iter().take_while(|c| **c != ':').collect();
                self.at += name.chars().count();
                if !self.accept(":]") {
                    return Err(UNMATCHED);
                }
                set.classes.push(class(&name).ok_or("Invalid character class name")?);
                continue;
            }
            if c == '\\' && self.perl {
                let escaped = self.peek().ok_or(UNMATCHED)?;
                self.at += 1;
                if let Some(class) = perl_class(escaped) {
                    set.classes.push(class);
                } else {
                    let c = match escaped {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        c => c,
                    };
                    set.ranges.push((c, c));
                }
                continue;
            }
            let from = self.collating(c).ok_or(UNMATCHED)?;
            let range = self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|c| *c != ']');
            if !range {
                set.ranges.push((from, from));
                continue;
            }
            self.at += 1;
            let c = self.peek().ok_or(UNMATCHED)?;
            self.at += 1;
            let to = self.collating(c).ok_or(UNMATCHED)?;
            if to < from {
                return Err("Invalid range end");
            }
            set.ranges.push((from, to));
        }
    }

    /// A character of a bracket expression; `[.x.]` and `[=x=]` are `x`.
    fn collating(&mut self, c: char) -> Option<char> {
        for mark in ['.', '='] {
            if c == '[' && self.peek() == Some(mark) {
                let inner = self.chars.get(self.at + 1).copied()?;
                let closed = self.chars.get(self.at + 2) == Some(&mark) && self.chars.get(self.at + 3) == Some(&']');
                self.at += 4;
                return closed.then_some(inner);
            }
        }
        Some(c)
    }
}

/// `\d` and its like.
fn perl_class(letter: char) -> Option<Class> {
    let is: fn(char) -> bool = match letter.to_ascii_lowercase() {
        'd' => |c| c.is_ascii_digit(),
        'w' => is_word,
        's' => char::is_whitespace,
        'h' if letter == 'h' => |c| c == ' ' || c == '\t',
        _ => return None,
    };
    Some(Class(is, letter.is_ascii_lowercase()))
}

fn class(name: &str) -> Option<Class> {
    let is: fn(char) -> bool = match name {
        "alpha" => char::is_alphabetic,
        "digit" => |c| c.is_ascii_digit(),
        "alnum" => char::is_alphanumeric,
        "upper" => char::is_uppercase,
        "lower" => char::is_lowercase,
        "space" => char::is_whitespace,
        "blank" => |c| c == ' ' || c == '\t',
        "punct" => |c| c.is_ascii_punctuation(),
        "print" => |c| !c.is_control(),
        "graph" => |c| !c.is_control() && !c.is_whitespace(),
        "cntrl" => char::is_control,
        "xdigit" => |c| c.is_ascii_hexdigit(),
        _ => return None,
    };
    Some(Class(is, true))
}
