//! The text of a sed script as commands.

use std::collections::BTreeMap;

use super::command::{Action, Address, Command, End, Piece, Substitute};
use crate::regex::{Regex, Syntax};

/// Where and why a script is wrong.
pub struct ScriptError {
    /// Characters read; `None`: it only shows when all is read.
    pub at: Option<usize>,
    pub text: String,
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    extended: bool,
    commands: Vec<Command>,
    blocks: Vec<usize>,
    labels: BTreeMap<String, usize>,
    jumps: Vec<(usize, String)>,
}

type Read<T> = Result<T, ScriptError>;

/// Reads a script.
pub fn parse(text: &str, extended: bool) -> Read<Vec<Command>> {
    let mut reader = Reader {
        chars: text.chars().collect(),
        at: 0,
        extended,
        commands: Vec::new(),
        blocks: Vec::new(),
        labels: BTreeMap::new(),
        jumps: Vec::new(),
    };
    while reader.command()? {}
    if !reader.blocks.is_empty() {
        return Err(ScriptError { at: Some(0), text: "unmatched `{'".into() });
    }
    for (command, label) in std::mem::take(&mut reader.jumps) {
        let Some(target) = reader.labels.get(&label).copied() else {
            return Err(ScriptError { at: None, text: format!("can't find label for jump to `{label}'") });
        };
        if let Action::Branch(_, to) = &mut reader.commands[command].action {
            *to = Some(target);
        }
    }
    Ok(reader.commands)
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    fn fail<T>(&self, text: &str) -> Read<T> {
        Err(ScriptError { at: Some(self.at), text: text.into() })
    }

    fn skip(&mut self, skipped: &str) {
        while self.peek().is_some_and(|c| skipped.contains(c)) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Option<usize> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.chars[start..self.at].iter().collect();
        if digits.is_empty() { None } else { Some(digits.parse().unwrap_or(usize::MAX)) }
    }

    /// Reads one command; whether there was one.
    fn command(&mut self) -> Read<bool> {
        self.skip(" \t\n;");
        if self.peek().is_none() {
            return Ok(false);
        }
        let zero = self.peek() == Some('0') && self.chars.get(self.at + 1) == Some(&',');
        let from = self.address()?;
        self.skip(" \t");
        let mut to = None;
        if from.is_some() && self.peek() == Some(',') {
            self.at += 1;
            self.skip(" \t");
            to = Some(self.end()?);
        }
        let from_zero = zero && matches!(to, Some(End::Address(Address::Pattern(_))));
        self.skip(" \t");
        let negated = self.peek() == Some('!');
        while self.peek() == Some('!') {
            self.at += 1;
            self.skip(" \t");
        }
        let Some(letter) = self.next() else { return self.fail("missing command") };
        if matches!(from, Some(Address::Line(0))) && !from_zero {
            return self.fail("invalid usage of line address 0");
        }
        let (one, two) = (from.is_some(), to.is_some());
        if letter == '#' && one {
            return self.fail("comments don't accept any addresses");
        }
        if letter == ':' && one {
            return self.fail(": doesn't want any addresses");
        }
        if two && matches!(letter, 'q' | 'Q') {
            return self.fail("command only uses one address");
        }
        if let Some(action) = self.action(letter, one)? {
            self.commands.push(Command { from, to, from_zero, negated, action });
        }
        Ok(true)
    }

    fn address(&mut self) -> Read<Option<Address>> {
        Ok(match self.peek() {
            Some('0'..='9') => {
                let first = self.number().unwrap_or(0);
                if self.peek() == Some('~') {
                    self.at += 1;
                    let step = self.number().unwrap_or(0);
                    return Ok(Some(Address::Step(first, step)));
                }
                Some(Address::Line(first))
            }
            Some('$') => {
                self.at += 1;
                Some(Address::Last)
            }
            Some('/') => {
                self.at += 1;
                Some(self.pattern_address('/')?)
            }
            Some('\\') => {
                self.at += 1;
                let Some(delimiter) = self.next() else { return self.fail("unexpected `,'") };
                Some(self.pattern_address(delimiter)?)
            }
            _ => None,
        })
    }

    fn pattern_address(&mut self, delimiter: char) -> Read<Address> {
        let Some(text) = self.delimited(delimiter, true) else { return self.fail("unterminated address regex") };
        let mut ignore_case = false;
        while let Some(flag @ ('I' | 'M')) = self.peek() {
            ignore_case |= flag == 'I';
            self.at += 1;
        }
        Ok(Address::Pattern(self.regex(&text, ignore_case)?))
    }

    fn regex(&self, text: &str, ignore_case: bool) -> Read<Option<Regex>> {
        if text.is_empty() {
            return Ok(None);
        }
        match Regex::new(text, Syntax { extended: self.extended, ignore_case, ..Syntax::default() }) {
            Ok(regex) => Ok(Some(regex)),
            Err(text) => self.fail(text),
        }
    }

    fn end(&mut self) -> Read<End> {
        match self.peek() {
            Some(mark @ ('+' | '~')) => {
                self.at += 1;
                match (self.number(), mark) {
                    (Some(number), '+') => Ok(End::More(number)),
                    (Some(number), _) => Ok(End::Multiple(number)),
                    (None, _) => self.fail("expected number"),
                }
            }
            _ => match self.address()? {
                Some(address) => Ok(End::Address(address)),
                None => self.fail("unexpected `,'"),
            },
        }
    }

    /// Text up to a delimiter, which a backslash takes its meaning from. In an expression brackets hold it too.
    fn delimited(&mut self, delimiter: char, expression: bool) -> Option<String> {
        let mut text = String::new();
        let mut bracket = false;
        loop {
            let c = self.next()?;
            match c {
                c if c == delimiter && !bracket => return Some(text),
                '\n' if expression && !bracket => return None,
                '\\' if !bracket => match self.next()? {
                    c if c == delimiter => text.push(c),
                    'n' if expression => text.push('\n'),
                    c => {
                        text.push('\\');
                        text.push(c);
                    }
                },
                '[' if expression && !bracket => {
                    bracket = true;
                    text.push(c);
                    for first in ['^', ']'] {
                        if self.peek() == Some(first) {
                            text.push(first);
                            self.at += 1;
                        }
                    }
                }
                ']' => {
                    bracket = false;
                    text.push(c);
                }
                '[' if bracket && matches!(self.peek(), Some(':' | '.' | '=')) => {
                    // A class within brackets: its closing bracket is not theirs.
                    text.push(c);
                    while let Some(c) = self.next() {
                        text.push(c);
                        if c == ']' {
                            break;
                        }
                    }
                }
                c => text.push(c),
            }
        }
    }

    fn action(&mut self, letter: char, addressed: bool) -> Read<Option<Action>> {
        let action = match letter {
            '#' => {
                self.rest_of_line();
                return Ok(None);
            }
            ':' => {
                self.skip(" \t");
                let label = self.label(true);
                if label.is_empty() {
                    return self.fail("\":\" lacks a label");
                }
                self.labels.insert(label, self.commands.len());
                return Ok(None);
            }
            '{' => {
                self.blocks.push(self.commands.len());
                return Ok(Some(Action::Block(0)));
            }
            '}' => {
                if addressed {
                    return self.fail("} doesn't want any addresses");
                }
                let Some(start) = self.blocks.pop() else { return self.fail("unexpected `}'") };
                let end = self.commands.len();
                self.commands[start].action = Action::Block(end);
                self.finish()?;
                return Ok(Some(Action::EndBlock));
            }
            's' => Action::Substitute(Box::new(self.substitute()?)),
            'y' => Action::Translate(self.translate()?),
            'a' | 'i' | 'c' => return Ok(Some(Action::Text(letter, self.text()?))),
            'b' | 't' | 'T' => {
                self.skip(" \t");
                let label = self.label(false);
                if !label.is_empty() {
                    self.jumps.push((self.commands.len(), label));
                }
                Action::Branch(letter, None)
            }
            'r' | 'w' | 'R' | 'W' => {
                self.skip(" \t");
                let name = self.rest_of_line();
                if name.is_empty() {
                    return self.fail("missing filename in r/R/w/W commands");
                }
                return Ok(Some(Action::File(letter, name)));
            }
            'q' | 'Q' => {
                self.skip(" \t");
                Action::Quit(letter, self.number().unwrap_or(0) as u8)
            }
            'd' | 'D' | 'p' | 'P' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | '=' | 'l' | 'z' | 'F' => {
                Action::Simple(letter)
            }
            'e' | 'v' => return self.fail(&format!("drydock: `{letter}' is not emulated here")),
            other => return self.fail(&format!("unknown command: `{other}'")),
        };
        self.finish()?;
        Ok(Some(action))
    }

    /// Behind a command comes its end.
    fn finish(&mut self) -> Read<()> {
        self.skip(" \t");
        match self.peek() {
            None | Some('}' | '#') => Ok(()),
            Some('\n' | ';') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => {
                self.at += 1;
                self.fail("extra characters after command")
            }
        }
    }

    fn rest_of_line(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|c| c != '\n') {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    fn label(&mut self, definition: bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(|c| !matches!(c, '\n' | ';') && (c != '}' || definition)) {
            self.at += 1;
        }
        let label: String = self.chars[start..self.at].iter().collect();
        label.trim_end().to_string()
    }

    /// The text of `a`, `i`, `c`: on the same line, or behind a backslash and a newline.
    fn text(&mut self) -> Read<String> {
        self.skip(" \t");
        if self.peek().is_none() {
            return self.fail("expected \\ after `a', `c' or `i'");
        }
        if self.peek() == Some('\\') {
            self.at += 1;
            let before = self.at;
            self.skip(" \t");
            if self.peek() == Some('\n') {
                self.at += 1;
            } else {
                self.at = before;
            }
        }
        let mut text = String::new();
        while let Some(c) = self.next() {
            match c {
                '\n' => break,
                '\\' => text.extend(self.next()),
                c => text.push(c),
            }
        }
        Ok(text + "\n")
    }

    fn translate(&mut self) -> Read<BTreeMap<char, char>> {
        let delimiter = self.next().unwrap_or('\n');
        let (Some(from), Some(to)) = (self.delimited(delimiter, false), self.delimited(delimiter, false)) else {
            return self.fail("unterminated `y' command");
        };
        let clean = |text: String| text.replace("\\n", "\n").replace("\\\\", "\\");
        let (from, to) = (clean(from), clean(to));
        if from.chars().count() != to.chars().count() {
            return self.fail("strings for `y' command are different lengths");
        }
        Ok(from.chars().zip(to.chars()).collect())
    }

    fn substitute(&mut self) -> Read<Substitute> {
        const UNTERMINATED: &str = "unterminated `s' command";
        let Some(delimiter) = self.next().filter(|c| *c != '\n' && *c != '\\') else { return self.fail(UNTERMINATED) };
        let Some(pattern) = self.delimited(delimiter, true) else { return self.fail(UNTERMINATED) };
        let Some(replacement) = self.delimited(delimiter, false) else { return self.fail(UNTERMINATED) };
        let mut substitute =
            Substitute { pattern: None, pieces: Vec::new(), global: false, number: 1, print: false, file: None };
        let (mut ignore_case, mut counted) = (false, false);
        loop {
            match self.peek() {
                Some('g') if substitute.global => return self.flag_error("multiple `g' options to `s' command"),
                Some('p') if substitute.print => return self.flag_error("multiple `p' options to `s' command"),
                Some('g') => substitute.global = true,
                Some('p') => substitute.print = true,
                Some('i' | 'I') => ignore_case = true,
                Some('m' | 'M') => {}
                Some('0'..='9') => {
                    if counted {
                        return self.flag_error("multiple number options to `s' command");
                    }
                    substitute.number = self.number().unwrap_or(0);
                    counted = true;
                    if substitute.number == 0 {
                        return self.fail("number option to `s' command may not be zero");
                    }
                    continue;
                }
                Some('w') => {
                    self.at += 1;
                    self.skip(" \t");
                    substitute.file = Some(self.rest_of_line());
                    break;
                }
                Some('e') => return self.flag_error("drydock: `s///e' is not emulated here"),
                None | Some('\n' | ';' | '}' | '#' | ' ' | '\t') => break,
                Some(_) => return self.flag_error("unknown option to `s'"),
            }
            self.at += 1;
        }
        substitute.pattern = self.regex(&pattern, ignore_case)?;
        substitute.pieces = pieces(&replacement);
        let most = substitute.pieces.iter().map(|p| if let Piece::Group(n) = p { *n } else { 0 }).max().unwrap_or(0);
        if substitute.pattern.as_ref().is_some_and(|r| r.groups() < most) {
            return self.fail(&format!("invalid reference \\{most} on `s' command's RHS"));
        }
        Ok(substitute)
    }

    fn flag_error<T>(&mut self, text: &str) -> Read<T> {
        self.at += 1;
        self.fail(text)
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let (mut pieces, mut literal, mut chars) = (Vec::new(), String::new(), text.chars());
    while let Some(c) = chars.next() {
        let piece = match c {
            '&' => Piece::Group(0),
            '\\' => match chars.next() {
                Some(digit @ '0'..='9') => Piece::Group(digit as usize - '0' as usize),
                Some(case @ ('u' | 'l' | 'U' | 'L' | 'E')) => Piece::Case(case),
                other => {
                    literal.push(match other {
                        Some('n') => '\n',
                        Some('t') => '\t',
                        Some('r') => '\r',
                        Some(c) => c,
                        None => '\\',
                    });
                    continue;
                }
            },
            c => {
                literal.push(c);
                continue;
            }
        };
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
        }
        pieces.push(piece);
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    pieces
}
