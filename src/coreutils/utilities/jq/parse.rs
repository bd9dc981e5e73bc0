//! Filters: from text to a tree.

use std::rc::Rc;

use super::filter::{Definition, Filter, Pattern, Piece};
use super::json::Value;

/// Deepest nesting.
const DEEPEST: usize = 60;

/// Operators from the weakest on; those of one line bind alike. The flag: they stand without brackets only once.
const LEVELS: [(&[&str], bool); 6] = [
    (&["//"], false),
    (&["=", "|=", "+=", "-=", "*=", "/=", "%=", "//="], true),
    (&["or"], false),
    (&["and"], false),
    (&["==", "!=", "<=", ">=", "<", ">"], true),
    (&["+", "-"], false),
];
const PRODUCTS: [&str; 3] = ["*", "/", "%"];

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

type Parsed<T> = Result<T, String>;

/// Reads a filter; the error is what jq says behind `jq: error: `.
pub fn parse(text: &str) -> Parsed<Filter> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    parser.blanks();
    if parser.at == text.len() {
        return Ok(Filter::Identity);
    }
    let filter = parser.pipe()?;
    if parser.at < text.len() { Err(parser.unexpected()) } else { Ok(filter) }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let after = rest.trim_start();
            let skipped = rest.len() - after.len();
            let comment = if after.starts_with('#') { after.find('\n').unwrap_or(after.len()) } else { 0 };
            self.at += skipped + comment;
            if skipped + comment == 0 {
                return;
            }
        }
    }

    fn unexpected(&self) -> String {
        let token: String = match self.rest().chars().next() {
            None => "$end".into(),
            Some(c) if is_word(c) => "IDENT".into(),
            Some('"') => "QQSTRING_START".into(),
            Some('$') => "'$'".into(),
            Some(c) => format!("'{c}'"),
        };
        let line = self.text.lines().next().unwrap_or("");
        // As many blanks behind it as stand in front of the token.
        let blanks = " ".repeat(self.at.min(self.text.len().saturating_sub(1)).min(line.len()));
        format!("syntax error, unexpected {token} (Unix shell quoting issues?) at <top-level>, line 1:\n{line}{blanks}")
    }

    /// Takes an operator, a word only where it ends there.
    fn accept(&mut self, token: &str) -> bool {
        let rest = self.rest();
        let Some(after) = rest.strip_prefix(token) else { return false };
        let word = token.starts_with(is_word);
        if word && after.starts_with(is_word) {
            return false;
        }
        // `/` is no half of `//`, `<` none of `<=`, `.` none of `..`.
        let longer = match token {
            "/" => after.starts_with(['/', '=']),
            "//" | "+" | "-" | "*" | "%" | "<" | ">" | "|" => after.starts_with('='),
            "=" => after.starts_with('='),
            "?" => after.starts_with("//"),
            _ => false,
        };
        if longer {
            return false;
        }
        self.at += token.len();
        self.blanks();
        true
    }

    fn expect(&mut self, token: &str) -> Parsed<()> {
        if self.accept(token) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn word(&mut self) -> Option<Rc<str>> {
        let rest = self.rest();
        let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let word = &rest[..end];
        if word.is_empty() || word.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let word: Rc<str> = word.into();
        self.at += end;
        self.blanks();
        Some(word)
    }

    fn pipe(&mut self) -> Parsed<Filter> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("drydock: so deep a filter is not emulated here".into());
        }
        let result = self.pipe_inside();
        self.depth -= 1;
        result
    }

    fn pipe_inside(&mut self) -> Parsed<Filter> {
        if self.accept("def") {
            let definition = self.definition()?;
            return Ok(Filter::Define(Rc::new(definition), Rc::new(self.pipe()?)));
        }
        let left = self.comma()?;
        if self.accept("as") {
            let pattern = self.pattern()?;
            self.expect("|")?;
            return Ok(Filter::Bind(Rc::new(left), pattern, Rc::new(self.pipe()?)));
        }
        if self.accept("|") {
            return Ok(Filter::Pipe(Rc::new(left), Rc::new(self.pipe()?)));
        }
        Ok(left)
    }

    fn definition(&mut self) -> Parsed<Definition> {
        let name = self.word().ok_or_else(|| self.unexpected())?;
        let mut parameters = Vec::new();
        if self.accept("(") {
            loop {
                let value = self.accept("$");
                let name = self.word().ok_or_else(|| self.unexpected())?;
                parameters.push(if value { format!("${name}").into() } else { name });
                if !self.accept(";") {
                    break;
                }
            }
            self.expect(")")?;
        }
        self.expect(":")?;
        let body = self.pipe()?;
        self.expect(";")?;
        Ok(Definition { name, parameters, body })
    }

    fn pattern(&mut self) -> Parsed<Pattern> {
        if self.accept("$") {
            return self.word().map(Pattern::Name).ok_or_else(|| self.unexpected());
        }
        if self.accept("[") {
            let mut items = vec![self.pattern()?];
            while self.accept(",") {
                items.push(self.pattern()?);
            }
            self.expect("]")?;
            return Ok(Pattern::List(items));
        }
        self.expect("{")?;
        let mut items = Vec::new();
        loop {
            let short = self.accept("$");
            let key = self.word().ok_or_else(|| self.unexpected())?;
            let pattern = if !short && self.accept(":") { self.pattern()? } else { Pattern::Name(key.clone()) };
            items.push((key, pattern));
            if !self.accept(",") {
                break;
            }
        }
        self.expect("}")?;
        Ok(Pattern::Map(items))
    }

    fn comma(&mut self) -> Parsed<Filter> {
        let mut left = self.binary(0)?;
        while self.accept(",") {
            left = Filter::Comma(Rc::new(left), Rc::new(self.binary(0)?));
        }
        Ok(left)
    }

    fn binary(&mut self, level: usize) -> Parsed<Filter> {
        let Some((operators, once)) = LEVELS.get(level) else { return self.product() };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = operators.iter().find(|operator| self.accept(operator)) {
            // `//` leans to the right.
            let right = if *operator == "//" { self.binary(level)? } else { self.binary(level + 1)? };
            left = Filter::Binary(operator, Rc::new(left), Rc::new(right));
            if *once {
                break;
            }
        }
        Ok(left)
    }

    fn product(&mut self) -> Parsed<Filter> {
        let mut left = self.postfix()?;
        while let Some(operator) = PRODUCTS.iter().find(|operator| self.accept(operator)) {
            left = Filter::Binary(operator, Rc::new(left), Rc::new(self.postfix()?));
        }
        Ok(left)
    }

    fn postfix(&mut self) -> Parsed<Filter> {
        let mut filter = self.term()?;
        loop {
            if self.rest().starts_with('.') && !self.rest().starts_with("..") {
                self.at += 1;
                self.blanks();
                if self.rest().starts_with('"') {
                    let key = self.string(None)?;
                    filter = Filter::Index(Rc::new(filter), Rc::new(key));
                } else if let Some(word) = self.word() {
                    filter = Filter::Index(Rc::new(filter), Rc::new(Filter::Literal(Value::text(word))));
                } else if !self.rest().starts_with('[') {
                    return Err(self.unexpected());
                }
            } else if self.accept("[") {
                filter = self.bracket(filter)?;
            } else if self.accept("?") {
                filter = Filter::Try(Rc::new(filter), None);
            } else {
                return Ok(filter);
            }
        }
    }

    fn bracket(&mut self, of: Filter) -> Parsed<Filter> {
        let of = Rc::new(of);
        if self.accept("]") {
            return Ok(Filter::Each(of));
        }
        let from = if self.accept(":") {
            let to = self.pipe()?;
            self.expect("]")?;
            return Ok(Filter::Slice(of, None, Some(Rc::new(to))));
        } else {
            Rc::new(self.pipe()?)
        };
        if !self.accept(":") {
            self.expect("]")?;
            return Ok(Filter::Index(of, from));
        }
        if self.accept("]") {
            return Ok(Filter::Slice(of, Some(from), None));
        }
        let to = Rc::new(self.pipe()?);
        self.expect("]")?;
        Ok(Filter::Slice(of, Some(from), Some(to)))
    }

    fn term(&mut self) -> Parsed<Filter> {
        let rest = self.rest();
        let first = rest.chars().next();
        if rest.starts_with("..") {
            self.at += 2;
            self.blanks();
            return Ok(Filter::Descend);
        }
        match first {
            Some('.') => self.dot(),
            Some('"') => self.string(None),
            Some('@') => {
                self.at += 1;
                let name = self.word().ok_or_else(|| self.unexpected())?;
                if self.rest().starts_with('"') { self.string(Some(name)) } else { Ok(Filter::Format(name)) }
            }
            Some('$') => {
                self.at += 1;
                self.word().map(Filter::Variable).ok_or_else(|| self.unexpected())
            }
            Some('(') => {
                self.expect("(")?;
                let inner = self.pipe()?;
                self.expect(")")?;
                Ok(inner)
            }
            Some('[') => {
                self.expect("[")?;
                if self.accept("]") {
                    return Ok(Filter::List(None));
                }
                let inner = self.pipe()?;
                self.expect("]")?;
                Ok(Filter::List(Some(Rc::new(inner))))
            }
            Some('{') => self.map(),
            Some('-') => {
                self.expect("-")?;
                Ok(Filter::Negate(Rc::new(self.postfix()?)))
            }
            Some(c) if c.is_ascii_digit() => self.number(),
            _ => self.named(),
        }
    }

    fn dot(&mut self) -> Parsed<Filter> {
        self.at += 1;
        let identity = Rc::new(Filter::Identity);
        if self.rest().starts_with('"') {
            return Ok(Filter::Index(identity, Rc::new(self.string(None)?)));
        }
        let adjacent = self.rest().starts_with(|c: char| is_word(c) && !c.is_ascii_digit());
        if adjacent && let Some(word) = self.word() {
            return Ok(Filter::Index(identity, Rc::new(Filter::Literal(Value::text(word)))));
        }
        self.blanks();
        Ok(Filter::Identity)
    }

    fn number(&mut self) -> Parsed<Filter> {
        let rest = self.rest();
        let mut end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        if let Some(power) = rest[end..].strip_prefix(['e', 'E']) {
            let signed = usize::from(power.starts_with(['+', '-']));
            let digits = power[signed..].bytes().take_while(u8::is_ascii_digit).count();
            end += if digits > 0 { 1 + signed + digits } else { 0 };
        }
        let number = rest[..end].parse().map_err(|_| self.unexpected())?;
        self.at += end;
        self.blanks();
        Ok(Filter::Literal(Value::Number(number)))
    }

    fn string(&mut self, format: Option<Rc<str>>) -> Parsed<Filter> {
        self.at += 1;
        let (mut pieces, mut plain) = (Vec::new(), String::new());
        loop {
            let c = self.rest().chars().next().ok_or_else(|| self.unexpected())?;
            self.at += c.len_utf8();
            match c {
                '"' => break,
                '\\' => {
                    let c = self.rest().chars().next().ok_or_else(|| self.unexpected())?;
                    self.at += c.len_utf8();
                    match c {
                        'n' => plain.push('\n'),
                        't' => plain.push('\t'),
                        'r' => plain.push('\r'),
                        'u' => {
                            let code = self.rest().get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                            plain.push(code.and_then(char::from_u32).unwrap_or('\u{fffd}'));
                            self.at += if code.is_some() { 4 } else { 0 };
                        }
                        '(' => {
                            pieces.push(Piece::Plain(std::mem::take(&mut plain)));
                            self.blanks();
                            pieces.push(Piece::Filter(self.pipe()?));
                            if !self.rest().starts_with(')') {
                                return Err(self.unexpected());
                            }
                            self.at += 1;
                        }
                        c => plain.push(c),
                    }
                }
                c => plain.push(c),
            }
        }
        self.blanks();
        if pieces.is_empty() {
            return Ok(Filter::Literal(Value::text(plain)));
        }
        pieces.push(Piece::Plain(plain));
        Ok(Filter::Text(format, pieces))
    }

    fn map(&mut self) -> Parsed<Filter> {
        self.expect("{")?;
        let mut items = Vec::new();
        if self.accept("}") {
            return Ok(Filter::Map(items));
        }
        loop {
            items.push(self.map_item()?);
            if !self.accept(",") {
                break;
            }
        }
        self.expect("}")?;
        Ok(Filter::Map(items))
    }

    fn map_item(&mut self) -> Parsed<(Filter, Filter)> {
        if self.accept("$") {
            let name = self.word().ok_or_else(|| self.unexpected())?;
            return Ok((Filter::Literal(Value::text(&name)), Filter::Variable(name)));
        }
        let key = if self.rest().starts_with('"') {
            self.string(None)?
        } else if self.accept("(") {
            let key = self.pipe()?;
            self.expect(")")?;
            self.expect(":")?;
            return Ok((key, self.map_value()?));
        } else {
            Filter::Literal(Value::text(self.word().ok_or_else(|| self.unexpected())?))
        };
        if self.accept(":") {
            return Ok((key, self.map_value()?));
        }
        let value = Filter::Index(Rc::new(Filter::Identity), Rc::new(key.clone()));
        Ok((key, value))
    }

    /// Values stand without brackets up to a comma; a `|` in them needs brackets but in the last.
    fn map_value(&mut self) -> Parsed<Filter> {
        let left = self.binary(0)?;
        if self.accept("|") { Ok(Filter::Pipe(Rc::new(left), Rc::new(self.map_value()?))) } else { Ok(left) }
    }

    fn named(&mut self) -> Parsed<Filter> {
        if self.accept("if") {
            return self.condition();
        }
        if self.accept("try") {
            let body = Rc::new(self.postfix()?);
            let other = if self.accept("catch") { Some(Rc::new(self.postfix()?)) } else { None };
            // Without `catch` errors vanish.
            return Ok(Filter::Try(body, other));
        }
        let fold = if self.accept("reduce") { Some(false) } else { self.accept("foreach").then_some(true) };
        if let Some(each) = fold {
            return self.fold(each);
        }
        let name = self.word().ok_or_else(|| self.unexpected())?;
        match &*name {
            "null" => return Ok(Filter::Literal(Value::Null)),
            "true" => return Ok(Filter::Literal(Value::Bool(true))),
            "false" => return Ok(Filter::Literal(Value::Bool(false))),
            "then" | "else" | "elif" | "end" | "and" | "or" | "as" | "catch" => {
                self.at -= name.len();
                return Err(self.unexpected());
            }
            _ => {}
        }
        let mut arguments = Vec::new();
        if self.accept("(") {
            loop {
                arguments.push(Rc::new(self.pipe()?));
                if !self.accept(";") {
                    break;
                }
            }
            self.expect(")")?;
        }
        Ok(Filter::Call(name, arguments))
    }

    fn condition(&mut self) -> Parsed<Filter> {
        let condition = Rc::new(self.pipe()?);
        self.expect("then")?;
        let then = Rc::new(self.pipe()?);
        let otherwise = if self.accept("elif") {
            return Ok(Filter::If(condition, then, Rc::new(self.condition()?)));
        } else if self.accept("else") {
            Rc::new(self.pipe()?)
        } else {
            Rc::new(Filter::Identity)
        };
        self.expect("end")?;
        Ok(Filter::If(condition, then, otherwise))
    }

    fn fold(&mut self, each: bool) -> Parsed<Filter> {
        let source = Rc::new(self.postfix()?);
        self.expect("as")?;
        let pattern = self.pattern()?;
        self.expect("(")?;
        let start = Rc::new(self.pipe()?);
        self.expect(";")?;
        let step = Rc::new(self.pipe()?);
        let shown = if each && self.accept(";") { Rc::new(self.pipe()?) } else { Rc::new(Filter::Identity) };
        self.expect(")")?;
        Ok(match each {
            true => Filter::Foreach(source, pattern, start, step, shown),
            false => Filter::Reduce(source, pattern, start, step),
        })
    }
}
