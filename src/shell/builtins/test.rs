//! `test` and `[`

use machine::fs::{Access, FileKind};

use super::{Builtin, builtin};
use crate::Flavour;
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!("test", "test [expr]", "Evaluate conditional expression.", false, All, run);

pub const BRACKET: Builtin = builtin!("[", "[ arg... ]", "Evaluate conditional expression.", false, All, run);

const UNARY: &str = "abcdefghknoprstuvwxzGLNORS";

/// Parentheses and negations inside each other that are followed.
const MAX_DEPTH: u32 = 100;

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let mut args = args;
    if name == "[" {
        match args.split_last() {
            Some((last, rest)) if last == "]" => args = rest,
            _ => {
                let message = if shell.is_bash() { "missing `]'" } else { "missing ]" };
                shell.builtin_error(name, message).await;
                return Ok(2);
            }
        }
    }
    let mut test = Test { shell, args, pos: 0, depth: 0 };
    match test.all() {
        Ok(holds) => Ok(i32::from(!holds)),
        Err(fault) => {
            match shell.flavour {
                Flavour::Bash => shell.builtin_error(name, fault.bash()).await,
                Flavour::Dash => shell.builtin_error(name, fault.dash()).await,
                Flavour::Ash => shell.error(fault.ash()).await,
            }
            Ok(2)
        }
    }
}

enum Fault {
    Integer(String),
    BinaryExpected(String),
    UnaryExpected(String),
    ArgumentExpected,
    TooMany,
    CloseExpected(Option<String>),
}

impl Fault {
    fn bash(&self) -> String {
        match self {
            Fault::Integer(text) => format!("{text}: integer expression expected"),
            Fault::BinaryExpected(text) => format!("{text}: binary operator expected"),
            Fault::UnaryExpected(text) => format!("{text}: unary operator expected"),
            Fault::ArgumentExpected => "argument expected".into(),
            Fault::TooMany => "too many arguments".into(),
            Fault::CloseExpected(Some(text)) => format!("`)' expected, found {text}"),
            Fault::CloseExpected(None) => "`)' expected".into(),
        }
    }

    fn dash(&self) -> String {
        match self {
            Fault::Integer(text) => format!("Illegal number: {text}"),
            Fault::BinaryExpected(text) | Fault::UnaryExpected(text) => format!("{text}: unexpected operator"),
            Fault::ArgumentExpected => "argument expected".into(),
            Fault::TooMany => "unexpected operator".into(),
            Fault::CloseExpected(_) => "closing paren expected".into(),
        }
    }

    fn ash(&self) -> String {
        match self {
            Fault::Integer(text) => format!("{text}: bad number"),
            Fault::BinaryExpected(text) | Fault::UnaryExpected(text) => format!("{text}: unknown operand"),
            Fault::ArgumentExpected => "argument expected".into(),
            Fault::TooMany => "too many arguments".into(),
            Fault::CloseExpected(_) => "closing paren expected".into(),
        }
    }
}

struct Test<'a> {
    shell: &'a mut Shell,
    args: &'a [String],
    pos: usize,
    depth: u32,
}

impl Test<'_> {
    /// POSIX decides by the number of arguments first.
    fn all(&mut self) -> Result<bool, Fault> {
        let args: Vec<&str> = self.args.iter().map(String::as_str).collect();
        match args.as_slice() {
            [] => Ok(false),
            [one] => Ok(!one.is_empty()),
            ["!", one] => Ok(one.is_empty()),
            [op, value] => match unary_letter(op) {
                Some(letter) => Ok(test_unary(self.shell, letter, value)),
                None => Err(Fault::UnaryExpected((*op).to_string())),
            },
            [a, op, b] if is_binary(op) => self.binary(a, op, b),
            [a, "-a", b] => Ok(!a.is_empty() && !b.is_empty()),
            [a, "-o", b] => Ok(!a.is_empty() || !b.is_empty()),
            ["!", op, value] => match unary_letter(op) {
                Some(letter) => Ok(!test_unary(self.shell, letter, value)),
                None => Err(Fault::UnaryExpected((*op).to_string())),
            },
            ["(", one, ")"] => Ok(!one.is_empty()),
            [_, op, _] => Err(Fault::BinaryExpected((*op).to_string())),
            ["!", a, op, b] if is_binary(op) => Ok(!self.binary(a, op, b)?),
            _ => {
                let holds = self.or()?;
                if self.pos < self.args.len() { Err(Fault::TooMany) } else { Ok(holds) }
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<&str> {
        self.args.get(self.pos + ahead).map(String::as_str)
    }

    fn or(&mut self) -> Result<bool, Fault> {
        let mut holds = self.and()?;
        while self.peek(0) == Some("-o") {
            self.pos += 1;
            holds |= self.and()?;
        }
        Ok(holds)
    }

    fn and(&mut self) -> Result<bool, Fault> {
        let mut holds = self.term()?;
        while self.peek(0) == Some("-a") {
            self.pos += 1;
            holds &= self.term()?;
        }
        Ok(holds)
    }

    fn term(&mut self) -> Result<bool, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::TooMany);
        }
        let result = self.term_inside();
        self.depth -= 1;
        result
    }

    fn term_inside(&mut self) -> Result<bool, Fault> {
        let Some(first) = self.peek(0).map(str::to_string) else { return Err(Fault::ArgumentExpected) };
        if let (Some(op), Some(right)) = (self.peek(1).map(str::to_string), self.peek(2).map(str::to_string))
            && is_binary(&op)
        {
            self.pos += 3;
            return self.binary(&first, &op, &right);
        }
        if first == "!" {
            self.pos += 1;
            return Ok(!self.term()?);
        }
        if first == "(" {
            self.pos += 1;
            let holds = self.or()?;
            if self.peek(0) != Some(")") {
                return Err(Fault::CloseExpected(self.peek(0).map(str::to_string)));
            }
            self.pos += 1;
            return Ok(holds);
        }
        if let (Some(letter), Some(value)) = (unary_letter(&first), self.peek(1).map(str::to_string)) {
            self.pos += 2;
            return Ok(test_unary(self.shell, letter, &value));
        }
        self.pos += 1;
        Ok(!first.is_empty())
    }

    fn binary(&mut self, left: &str, op: &str, right: &str) -> Result<bool, Fault> {
        match op {
            "=" | "==" => Ok(left == right),
            "!=" => Ok(left != right),
            "<" => Ok(left < right),
            ">" => Ok(left > right),
            "-nt" | "-ot" | "-ef" => Ok(test_files(self.shell, left, op, right)),
            _ => {
                let number = |text: &str| text.trim().parse::<i64>().map_err(|_| Fault::Integer(text.to_string()));
                Ok(compare(op, number(left)?, number(right)?))
            }
        }
    }
}

fn unary_letter(op: &str) -> Option<&str> {
    op.strip_prefix('-').filter(|letter| letter.len() == 1 && UNARY.contains(*letter))
}

fn is_binary(op: &str) -> bool {
    matches!(op, "=" | "==" | "!=" | "<" | ">" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-nt" | "-ot" | "-ef")
}

/// `-eq` and its kin.
pub fn compare(op: &str, a: i64, b: i64) -> bool {
    match op {
        "-eq" => a == b,
        "-ne" => a != b,
        "-lt" => a < b,
        "-le" => a <= b,
        "-gt" => a > b,
        _ => a >= b,
    }
}

/// `-nt`, `-ot`, `-ef`.
pub fn test_files(shell: &Shell, left: &str, op: &str, right: &str) -> bool {
    match (shell.sys.stat(left), shell.sys.stat(right), op) {
        (Ok(a), Ok(b), "-nt") => a.mtime > b.mtime,
        (Ok(a), Ok(b), "-ot") => a.mtime < b.mtime,
        (Ok(a), Ok(b), _) => (a.dev, a.ino) == (b.dev, b.ino),
        (Ok(_), Err(_), "-nt") | (Err(_), Ok(_), "-ot") => true,
        _ => false,
    }
}

/// `-f` and its kin.
pub fn test_unary(shell: &mut Shell, letter: &str, value: &str) -> bool {
    let may = |access: Access| shell.sys.access(value, access).is_ok();
    let kind = |kind: FileKind| shell.sys.stat(value).is_ok_and(|attr| attr.kind == kind);
    let mode = |bit: u32| shell.sys.stat(value).is_ok_and(|attr| attr.mode & bit != 0);
    match letter {
        "n" => !value.is_empty(),
        "z" => value.is_empty(),
        "a" | "e" => shell.sys.stat(value).is_ok(),
        "f" => kind(FileKind::Regular),
        "d" => kind(FileKind::Directory),
        "b" => kind(FileKind::BlockDevice),
        "c" => kind(FileKind::CharDevice),
        "p" => kind(FileKind::Fifo),
        "S" => kind(FileKind::Socket),
        "h" | "L" => shell.sys.lstat(value).is_ok_and(|attr| attr.kind == FileKind::Symlink),
        "s" => shell.sys.stat(value).is_ok_and(|attr| attr.size > 0),
        "r" => may(Access { read: true, ..Access::default() }),
        "w" => may(Access { write: true, ..Access::default() }),
        "x" => may(Access { execute: true, ..Access::default() }),
        "u" => mode(0o4000),
        "g" => mode(0o2000),
        "k" => mode(0o1000),
        "O" => shell.sys.stat(value).is_ok_and(|attr| attr.uid == shell.sys.credentials().euid),
        "G" => shell.sys.stat(value).is_ok_and(|attr| attr.gid == shell.sys.credentials().egid),
        "N" => shell.sys.stat(value).is_ok_and(|attr| attr.mtime > attr.atime),
        "t" => value.parse().is_ok_and(|fd| shell.sys.isatty(machine::Fd(fd))),
        "o" => shell.settings.is_set(value),
        "v" => is_set(shell, value),
        "R" => shell.vars.raw(value).is_some_and(|var| var.nameref),
        _ => false,
    }
}

fn is_set(shell: &mut Shell, name: &str) -> bool {
    match name.strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((variable, "@" | "*")) => shell.array_values(variable).is_some_and(|values| !values.is_empty()),
        Some((variable, index)) => matches!(shell.element(variable, index), Ok(Some(_))),
        None => shell.lookup_text(name).is_some(),
    }
}
