//! `test` and `[`: conditions.

use machine::fs::{Access, Attr, FileKind};
use machine::{ExitCode, Fd};

use crate::context::Context;

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let mut args = cx.args.clone();
    if cx.name == "[" && args.pop().as_deref() != Some("]") {
        let text = format!("missing {}", cx.quote("]"));
        cx.error(text).await;
        return ExitCode(2);
    }
    let mut tests = Tests { cx, args: &args, at: 0, depth: 0 };
    let result = match args.len() {
        0 => Ok(false),
        _ => tests.either().and_then(|value| match args.get(tests.at) {
            Some(extra) => Err(format!("extra argument {}", tests.cx.quote(extra))),
            None => Ok(value),
        }),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(text) => {
            cx.error(text).await;
            ExitCode(2)
        }
    }
}

struct Tests<'a> {
    cx: &'a Context,
    args: &'a [String],
    at: usize,
    depth: usize,
}

const UNARY: &str = "bcdefghkLnNOGprsStuwxz";
const BINARY: &[&str] = &["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];
const DEEPEST: usize = 100;

type Answer = Result<bool, String>;

impl Tests<'_> {
    fn peek(&self, ahead: usize) -> Option<&str> {
        self.args.get(self.at + ahead).map(|s| &**s)
    }

    fn either(&mut self) -> Answer {
        let mut value = self.both()?;
        while self.peek(0) == Some("-o") {
            self.at += 1;
            value |= self.both()?;
        }
        Ok(value)
    }

    fn both(&mut self) -> Answer {
        let mut value = self.not()?;
        while self.peek(0) == Some("-a") {
            self.at += 1;
            value &= self.not()?;
        }
        Ok(value)
    }

    fn not(&mut self) -> Answer {
        let mut negate = false;
        while self.peek(0) == Some("!") && self.at + 1 < self.args.len() && !self.is_binary(1) {
            negate = !negate;
            self.at += 1;
        }
        Ok(self.primary()? != negate)
    }

    /// Whether a binary operator with an operand behind it stands there.
    fn is_binary(&self, ahead: usize) -> bool {
        self.peek(ahead).is_some_and(|op| BINARY.contains(&op)) && self.peek(ahead + 1).is_some()
    }

    fn primary(&mut self) -> Answer {
        let cx = self.cx;
        let Some(first) = self.args.get(self.at) else {
            let last = self.args.last().map_or("", |s| s);
            return Err(format!("missing argument after {}", cx.quote(last)));
        };
        if self.is_binary(1) {
            let (op, right) = (&self.args[self.at + 1], &self.args[self.at + 2]);
            self.at += 3;
            return self.binary(first, op, right);
        }
        if first == "(" && self.args.len() > self.at + 1 {
            self.at += 1;
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err("too many parentheses".into());
            }
            let value = self.either()?;
            if self.peek(0) != Some(")") {
                let found = self.peek(0).map_or(String::new(), |f| format!(", found {f}"));
                return Err(format!("{} expected{found}", cx.quote(")")));
            }
            self.at += 1;
            return Ok(value);
        }
        self.at += 1;
        let letter = first.strip_prefix('-').filter(|l| l.len() == 1 && UNARY.contains(l));
        match (letter, self.args.get(self.at)) {
            (Some(letter), Some(operand)) => {
                self.at += 1;
                self.unary(letter, operand)
            }
            // Alone, an operator is a word that is not empty.
            (Some(_), None) if self.args.len() > 1 => Err(format!("missing argument after {}", cx.quote(first))),
            (None, Some(_)) if first.starts_with('-') && first.len() == 2 && self.args.len() == 2 => {
                Err(format!("{}: unary operator expected", cx.quote(first)))
            }
            (None, Some(last)) if self.args.len() == 2 => Err(format!("missing argument after {}", cx.quote(last))),
            (None, Some(operator)) if self.args.len() == 3 && self.at == 1 && !matches!(&**operator, "-a" | "-o") => {
                Err(format!("{}: binary operator expected", cx.quote(operator)))
            }
            _ => Ok(!first.is_empty()),
        }
    }

    fn binary(&self, left: &str, op: &str, right: &str) -> Answer {
        let number =
            |text: &str| text.trim().parse::<i128>().map_err(|_| format!("invalid integer {}", self.cx.quote(text)));
        let time = |path: &str| self.cx.sys.stat(path).map(|a| a.mtime).ok();
        let same = |path: &str| self.cx.sys.stat(path).map(|a| (a.dev, a.ino)).ok();
        Ok(match op {
            "=" | "==" => left == right,
            "!=" => left != right,
            "<" => left < right,
            ">" => left > right,
            "-eq" => number(left)? == number(right)?,
            "-ne" => number(left)? != number(right)?,
            "-lt" => number(left)? < number(right)?,
            "-le" => number(left)? <= number(right)?,
            "-gt" => number(left)? > number(right)?,
            "-ge" => number(left)? >= number(right)?,
            "-nt" => time(left) > time(right),
            "-ot" => time(left) < time(right),
            _ => same(left).is_some() && same(left) == same(right),
        })
    }

    fn unary(&self, letter: &str, operand: &str) -> Answer {
        let sys = &self.cx.sys;
        let file = |check: &dyn Fn(&Attr) -> bool| sys.stat(operand).is_ok_and(|a| check(&a));
        let kind = |kind: FileKind| file(&|a| a.kind == kind);
        let access = |access: Access| sys.access(operand, access).is_ok();
        Ok(match letter {
            "n" => !operand.is_empty(),
            "z" => operand.is_empty(),
            "b" => kind(FileKind::BlockDevice),
            "c" => kind(FileKind::CharDevice),
            "d" => kind(FileKind::Directory),
            "f" => kind(FileKind::Regular),
            "p" => kind(FileKind::Fifo),
            "S" => kind(FileKind::Socket),
            "h" | "L" => sys.lstat(operand).is_ok_and(|a| a.kind == FileKind::Symlink),
            "e" => file(&|_| true),
            "g" => file(&|a| a.mode & 0o2000 != 0),
            "k" => file(&|a| a.mode & 0o1000 != 0),
            "u" => file(&|a| a.mode & 0o4000 != 0),
            "s" => file(&|a| a.size > 0),
            "O" => file(&|a| a.uid == sys.credentials().euid),
            "G" => file(&|a| a.gid == sys.credentials().egid),
            "N" => file(&|a| a.mtime > a.atime),
            "r" => access(Access { read: true, ..Access::default() }),
            "w" => access(Access { write: true, ..Access::default() }),
            "x" => access(Access { execute: true, ..Access::default() }),
            _ => {
                let fd: i32 = operand.parse().map_err(|_| format!("invalid integer {}", self.cx.quote(operand)))?;
                sys.isatty(Fd(fd))
            }
        })
    }
}
