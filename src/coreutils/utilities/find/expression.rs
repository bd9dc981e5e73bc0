//! The expression of a find command line.

use machine::UnixTime;
use machine::fs::{Access, FileKind};

use crate::context::Context;
use crate::regex::{Regex, Syntax};

/// Deepest nesting of parentheses.
const DEEPEST: usize = 100;

/// `N`, `+N`, `-N`.
#[derive(Clone, Copy)]
pub enum Compare {
    Less(u64),
    Equal(u64),
    More(u64),
}

/// A test, an action, or several of them.
pub enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    True,
    False,
    Name(String, bool),
    Path(String, bool),
    Regex(Regex),
    Type(Vec<FileKind>),
    Size(Compare, u64),
    Empty,
    ModifiedDays(Compare),
    ModifiedMinutes(Compare),
    ChangedDays(Compare),
    AccessedDays(Compare),
    Newer(UnixTime),
    User(u32),
    Group(u32),
    Links(Compare),
    Inode(Compare),
    Mode(u32, char),
    Access(Access),
    Prune,
    Quit,
    Print(u8),
    PrintFormat(String),
    List,
    Delete,
    Exec(Vec<String>),
    ExecBatch(Vec<String>),
}

/// What holds for the whole walk.
pub struct Options {
    pub max_depth: usize,
    pub min_depth: usize,
    pub depth_first: bool,
    pub one_device: bool,
    pub follow: bool,
}

struct Parser<'a> {
    cx: &'a Context,
    args: &'a [String],
    at: usize,
    depth: usize,
    options: Options,
    acts: bool,
}

type Read<T> = Result<T, String>;

/// Reads the expression; without an action it prints.
pub fn parse(cx: &Context, args: &[String]) -> Read<(Expression, Options)> {
    let options = Options { max_depth: usize::MAX, min_depth: 0, depth_first: false, one_device: false, follow: false };
    let mut parser = Parser { cx, args, at: 0, depth: 0, options, acts: false };
    let expression = if args.is_empty() { Expression::True } else { parser.either()? };
    if let Some(extra) = args.get(parser.at) {
        return Err(match &**extra {
            ")" => "you have too many ')'".into(),
            extra => format!("paths must precede expression: `{extra}'"),
        });
    }
    let expression = if parser.acts { expression } else { Expression::And(vec![expression, Expression::Print(b'\n')]) };
    Ok((expression, parser.options))
}

impl Parser<'_> {
    fn peek(&self) -> Option<&str> {
        self.args.get(self.at).map(|a| &**a)
    }

    fn either(&mut self) -> Read<Expression> {
        let mut parts = vec![self.both()?];
        while let Some("-o" | "-or") = self.peek() {
            self.at += 1;
            parts.push(self.both()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Or(parts) })
    }

    fn both(&mut self) -> Read<Expression> {
        let mut parts = vec![self.not()?];
        loop {
            match self.peek() {
                Some("-a" | "-and") => self.at += 1,
                None | Some("-o" | "-or" | ")") => break,
                _ => {}
            }
            parts.push(self.not()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::And(parts) })
    }

    fn not(&mut self) -> Read<Expression> {
        let mut negated = false;
        while let Some("!" | "-not") = self.peek() {
            self.at += 1;
            negated = !negated;
        }
        let inner = self.primary()?;
        Ok(if negated { Expression::Not(Box::new(inner)) } else { inner })
    }

    fn primary(&mut self) -> Read<Expression> {
        let Some(word) = self.args.get(self.at) else {
            let last = self.args.last().map_or("", |a| a);
            return Err(format!("expected an expression after '{last}'"));
        };
        self.at += 1;
        if word == "(" {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err("invalid expression; too many nested parentheses".into());
            }
            let inner = self.either()?;
            if self.peek() != Some(")") {
                return Err("invalid expression; I was expecting to find a ')' somewhere but did not see one.".into());
            }
            self.at += 1;
            self.depth -= 1;
            return Ok(inner);
        }
        if let Some(expression) = self.plain(word) {
            return Ok(expression);
        }
        let known = [
            "-name",
            "-iname",
            "-path",
            "-wholename",
            "-ipath",
            "-regex",
            "-iregex",
            "-type",
            "-size",
            "-mtime",
            "-mmin",
            "-ctime",
            "-atime",
            "-newer",
            "-user",
            "-group",
            "-uid",
            "-gid",
            "-links",
            "-inum",
            "-perm",
            "-maxdepth",
            "-mindepth",
            "-printf",
            "-exec",
            "-execdir",
            "-ok",
            "-regextype",
        ];
        if !known.contains(&&**word) {
            return Err(match word.starts_with('-') && word.len() > 1 {
                true if self.cx.is_busybox() => format!("unrecognized: {word}"),
                true => format!("unknown predicate `{word}'"),
                false => format!("paths must precede expression: `{word}'"),
            });
        }
        if matches!(&**word, "-exec" | "-execdir" | "-ok") {
            return self.exec(word);
        }
        let Some(value) = self.args.get(self.at).cloned() else {
            return Err(format!("missing argument to `{word}'"));
        };
        self.at += 1;
        self.valued(word, &value)
    }

    /// What takes no value.
    fn plain(&mut self, word: &str) -> Option<Expression> {
        let access = |read, write, execute| Expression::Access(Access { read, write, execute });
        let action = |parser: &mut Self, expression| {
            parser.acts = true;
            expression
        };
        Some(match word {
            "-true" | "-daystart" | "-noleaf" | "-ignore_readdir_race" => Expression::True,
            "-false" => Expression::False,
            "-empty" => Expression::Empty,
            "-readable" => access(true, false, false),
            "-writable" => access(false, true, false),
            "-executable" => access(false, false, true),
            "-prune" => Expression::Prune,
            "-quit" => action(self, Expression::Quit),
            "-print" => action(self, Expression::Print(b'\n')),
            "-print0" => action(self, Expression::Print(0)),
            "-ls" => action(self, Expression::List),
            "-delete" => {
                self.options.depth_first = true;
                action(self, Expression::Delete)
            }
            "-depth" | "-d" => {
                self.options.depth_first = true;
                Expression::True
            }
            "-xdev" | "-mount" => {
                self.options.one_device = true;
                Expression::True
            }
            "-follow" => {
                self.options.follow = true;
                Expression::True
            }
            _ => return None,
        })
    }

    fn valued(&mut self, word: &str, value: &str) -> Read<Expression> {
        let invalid = || format!("invalid argument `{value}' to `{word}'");
        let compare = |text: &str| compare(text).ok_or_else(invalid);
        let depth = || {
            value.parse::<usize>().map_err(|_| {
                format!("Expected a positive decimal integer argument to {word}, but got {}", self.cx.quote(value))
            })
        };
        let id = |database: &str, what: &str| {
            let read = self.cx.sys.read_file(database).unwrap_or_default();
            let found = crate::text::id_of(&String::from_utf8_lossy(&read), value).or_else(|| value.parse().ok());
            found.ok_or_else(|| format!("{} is not the name of a known {what}", self.cx.quote(value)))
        };
        Ok(match word {
            "-name" => Expression::Name(value.into(), false),
            "-iname" => Expression::Name(value.into(), true),
            "-path" | "-wholename" => Expression::Path(value.into(), false),
            "-ipath" => Expression::Path(value.into(), true),
            "-regex" | "-iregex" => {
                let syntax = Syntax { ignore_case: word == "-iregex", ..Syntax::default() };
                Expression::Regex(
                    Regex::new(value, syntax)
                        .map_err(|e| format!("failed to compile regular expression '{value}': {e}"))?,
                )
            }
            "-regextype" => Expression::True,
            "-type" => Expression::Type(value.split(',').map(|t| kind(t, word)).collect::<Read<_>>()?),
            "-size" => {
                let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                let unit = size_unit(&value[digits.len()..])?;
                Expression::Size(compare(digits)?, unit)
            }
            "-mtime" => Expression::ModifiedDays(compare(value)?),
            "-mmin" => Expression::ModifiedMinutes(compare(value)?),
            "-ctime" => Expression::ChangedDays(compare(value)?),
            "-atime" => Expression::AccessedDays(compare(value)?),
            "-newer" => {
                let attr = self.cx.sys.stat(value).map_err(|e| format!("{}: {e}", self.cx.quote(value)))?;
                Expression::Newer(attr.mtime)
            }
            "-user" | "-uid" => Expression::User(id("/etc/passwd", "user")?),
            "-group" | "-gid" => Expression::Group(id("/etc/group", "group")?),
            "-links" => Expression::Links(compare(value)?),
            "-inum" => Expression::Inode(compare(value)?),
            "-perm" => {
                let (how, mode) = match value.strip_prefix(['-', '/']) {
                    Some(mode) => (value.chars().next().unwrap_or('='), mode),
                    None => ('=', value),
                };
                let mode =
                    u32::from_str_radix(mode, 8).map_err(|_| format!("invalid mode {}", self.cx.quote(value)))?;
                Expression::Mode(mode, how)
            }
            "-maxdepth" => {
                self.options.max_depth = depth()?;
                Expression::True
            }
            "-mindepth" => {
                self.options.min_depth = depth()?;
                Expression::True
            }
            _ => {
                self.acts = true;
                Expression::PrintFormat(value.into())
            }
        })
    }

    fn exec(&mut self, word: &str) -> Read<Expression> {
        let rest = &self.args[self.at..];
        let is_end = |i: &usize| rest[*i] == ";" || (rest[*i] == "+" && *i > 0 && rest[i - 1] == "{}");
        let Some(end) = (0..rest.len()).find(is_end) else { return Err(format!("missing argument to `{word}'")) };
        self.at += end + 1;
        self.acts = true;
        if end == 0 {
            return Err(format!("invalid argument `;' to `{word}'"));
        }
        if rest[end] == "+" {
            return Ok(Expression::ExecBatch(rest[..end - 1].to_vec()));
        }
        Ok(Expression::Exec(rest[..end].to_vec()))
    }
}

fn compare(text: &str) -> Option<Compare> {
    Some(match text.strip_prefix('+') {
        Some(number) => Compare::More(number.parse().ok()?),
        None => match text.strip_prefix('-') {
            Some(number) => Compare::Less(number.parse().ok()?),
            None => Compare::Equal(text.parse().ok()?),
        },
    })
}

fn kind(letter: &str, word: &str) -> Read<FileKind> {
    Ok(match letter {
        "f" => FileKind::Regular,
        "d" => FileKind::Directory,
        "l" => FileKind::Symlink,
        "p" => FileKind::Fifo,
        "s" => FileKind::Socket,
        "c" => FileKind::CharDevice,
        "b" => FileKind::BlockDevice,
        other => return Err(format!("Unknown argument to {word}: {other}")),
    })
}

/// Bytes of a unit that `-size` counts in.
fn size_unit(letter: &str) -> Read<u64> {
    Ok(match letter {
        "" | "b" => 512,
        "c" => 1,
        "w" => 2,
        "k" => 1024,
        "M" => 1 << 20,
        "G" => 1 << 30,
        _ => return Err(format!("invalid -size type `{letter}'")),
    })
}
