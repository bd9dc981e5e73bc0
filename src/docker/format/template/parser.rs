//! Tokens to a tree.

use super::funcs;
use super::lexer::{Piece, Token, lex};

const MAX_DEPTH: usize = 100;

/// A part of the template.
#[derive(Clone, Debug)]
pub enum Node {
    /// Text.
    Text(String),
    /// `{{pipeline}}`
    Action(Pipeline),
    /// `{{if}}` and `{{with}}`: whether it is `with`, the condition, and the two branches.
    Branch(bool, Pipeline, Vec<Node>, Vec<Node>),
    /// `{{range}}`
    Range(Pipeline, Vec<Node>, Vec<Node>),
    /// `{{break}}`
    Break,
    /// `{{continue}}`
    Continue,
}

/// Commands, each taking the result of the one before.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Variables that take the result.
    pub variables: Vec<String>,
    /// Whether they are declared (or assigned).
    pub declares: bool,
    /// The commands.
    pub commands: Vec<Command>,
    /// Byte offset.
    pub at: usize,
}

/// An operand alone, or a function with arguments.
#[derive(Clone, Debug)]
pub struct Command {
    /// The operands.
    pub operands: Vec<Operand>,
    /// Byte offset.
    pub at: usize,
}

/// What an operand is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `.`
    Dot,
    /// `nil`
    Nil,
    /// `true`, `false`
    Bool(bool),
    /// A number's text.
    Number(String),
    /// A string, its text.
    Text(String, String),
    /// A function.
    Function(String),
    /// A variable.
    Variable(String),
    /// `( … )`
    Group(Box<Pipeline>),
}

/// A base and the fields taken of it (`.A.B` is [`Kind::Dot`] with fields).
#[derive(Clone, Debug)]
pub struct Operand {
    /// The base.
    pub kind: Kind,
    /// The fields.
    pub fields: Vec<String>,
    /// Byte offset as Go reports it.
    pub at: usize,
}

impl Operand {
    /// The operand as Go writes it in errors.
    pub fn source(&self) -> String {
        let base = match &self.kind {
            Kind::Dot if self.fields.is_empty() => ".".to_string(),
            Kind::Dot => String::new(),
            Kind::Nil => "nil".into(),
            Kind::Bool(b) => b.to_string(),
            Kind::Number(text) | Kind::Text(_, text) | Kind::Function(text) | Kind::Variable(text) => text.clone(),
            Kind::Group(pipeline) => format!("({})", pipeline.source()),
        };
        self.fields.iter().fold(base, |text, field| text + "." + field)
    }
}

impl Command {
    /// The command as Go writes it in errors.
    pub fn source(&self) -> String {
        self.operands.iter().map(Operand::source).collect::<Vec<_>>().join(" ")
    }
}

impl Pipeline {
    fn source(&self) -> String {
        self.commands.iter().map(Command::source).collect::<Vec<_>>().join(" | ")
    }
}

struct Parser<'a> {
    name: &'a str,
    source: &'a str,
    pieces: std::vec::IntoIter<Piece>,
    tokens: Vec<(Token, usize)>,
    next: usize,
    variables: Vec<String>,
    depth: usize,
    ranges: usize,
}

/// How a list of nodes ended.
#[derive(PartialEq)]
enum Ending {
    Eof,
    End,
    Else,
}

/// Parses a template.
pub fn parse(name: &str, source: &str) -> Result<Vec<Node>, String> {
    let fail = |why: String, at: usize| format!("template: {name}:{}: {why}", line(source, at));
    let pieces = lex(source).map_err(|(why, at)| fail(why, at))?;
    let mut parser = Parser {
        name,
        source,
        pieces: pieces.into_iter(),
        tokens: Vec::new(),
        next: 0,
        variables: vec!["$".to_string()],
        depth: 0,
        ranges: 0,
    };
    let (nodes, ending) = parser.list()?;
    match ending {
        Ending::Eof => Ok(nodes),
        Ending::End => Err(parser.error("unexpected {{end}}")),
        Ending::Else => Err(parser.error("unexpected {{else}}")),
    }
}

fn line(source: &str, at: usize) -> usize {
    source.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}

impl Parser<'_> {
    fn error(&self, why: &str) -> String {
        let at = self.tokens.get(self.next).map_or(self.source.len(), |(_, at)| *at);
        format!("template: {}:{}: {why}", self.name, line(self.source, at))
    }

    fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |(t, _)| t)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.source.len(), |(_, at)| *at)
    }

    fn skip_space(&mut self) {
        while *self.peek() == Token::Space {
            self.next += 1;
        }
    }

    fn list(&mut self) -> Result<(Vec<Node>, Ending), String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("exceeded maximum template depth"));
        }
        let mut nodes = Vec::new();
        let ending = loop {
            match self.pieces.next() {
                None => break Ending::Eof,
                Some(Piece::Text(text)) => nodes.push(Node::Text(text)),
                Some(Piece::Action(tokens)) => {
                    (self.tokens, self.next) = (tokens, 0);
                    self.skip_space();
                    let keyword = if let Token::Word(word) = self.peek() { word.clone() } else { String::new() };
                    match keyword.as_str() {
                        "end" => break Ending::End,
                        "else" => break Ending::Else,
                        _ => nodes.push(self.action(&keyword)?),
                    }
                }
            }
        };
        self.depth -= 1;
        Ok((nodes, ending))
    }

    fn action(&mut self, keyword: &str) -> Result<Node, String> {
        match keyword {
            "if" | "with" | "range" => {
                self.next += 1;
                self.control(keyword)
            }
            "break" | "continue" if self.ranges == 0 => {
                Err(self.error(&format!("{{{{{keyword}}}}} outside {{{{range}}}}")))
            }
            "break" => Ok(Node::Break),
            "continue" => Ok(Node::Continue),
            "define" | "template" | "block" => {
                Err(self.error(&format!("drydock: {{{{{keyword}}}}} is not emulated here")))
            }
            _ => Ok(Node::Action(self.pipeline("command", false)?)),
        }
    }

    fn control(&mut self, keyword: &str) -> Result<Node, String> {
        // A chain of `else if` nests as deep as it is long.
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("exceeded maximum template depth"));
        }
        let scope = self.variables.len();
        let is_range = keyword == "range";
        let pipeline = self.pipeline(keyword, is_range)?;
        self.ranges += usize::from(is_range);
        let (body, ending) = self.list()?;
        self.ranges -= usize::from(is_range);
        let mut otherwise = Vec::new();
        match ending {
            Ending::Eof => return Err(self.eof()),
            Ending::End => {}
            Ending::Else => {
                self.next += 1;
                self.skip_space();
                match self.peek().clone() {
                    Token::Word(word) if word == keyword && !is_range => {
                        self.next += 1;
                        otherwise.push(self.control(keyword)?);
                    }
                    _ => {
                        let (nodes, ending) = self.list()?;
                        match ending {
                            Ending::End => otherwise = nodes,
                            Ending::Eof => return Err(self.eof()),
                            Ending::Else => return Err(self.error("expected end; found {{else}}")),
                        }
                    }
                }
            }
        }
        self.variables.truncate(scope);
        self.depth -= 1;
        Ok(match keyword {
            "range" => Node::Range(pipeline, body, otherwise),
            _ => Node::Branch(keyword == "with", pipeline, body, otherwise),
        })
    }

    fn eof(&self) -> String {
        format!("template: {}:{}: unexpected EOF", self.name, line(self.source, self.source.len()))
    }

    fn pipeline(&mut self, context: &str, is_range: bool) -> Result<Pipeline, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("max expression depth exceeded"));
        }
        self.skip_space();
        let mut out = Pipeline { variables: Vec::new(), declares: false, commands: Vec::new(), at: self.at() };
        self.declarations(&mut out, is_range);
        loop {
            self.skip_space();
            match self.peek() {
                Token::End | Token::Close => break,
                _ => out.commands.push(self.command(context)?),
            }
            if *self.peek() == Token::Pipe {
                self.next += 1;
                self.skip_space();
                if matches!(self.peek(), Token::End | Token::Close) {
                    return Err(self.error(&format!("missing value for {context}")));
                }
            }
        }
        if out.commands.is_empty() {
            return Err(self.error(&format!("missing value for {context}")));
        }
        if out.declares {
            self.variables.extend(out.variables.iter().cloned());
        }
        self.depth -= 1;
        Ok(out)
    }

    /// `$x :=`, `$x =`, `$i, $x :=`
    fn declarations(&mut self, out: &mut Pipeline, is_range: bool) {
        let start = self.next;
        let mut names = Vec::new();
        while let Token::Variable(name) = self.peek().clone() {
            names.push(name);
            self.next += 1;
            self.skip_space();
            match self.peek() {
                Token::Comma if is_range && names.len() == 1 => {
                    self.next += 1;
                    self.skip_space();
                }
                Token::Declare | Token::Assign => {
                    out.declares = *self.peek() == Token::Declare;
                    out.variables = names;
                    self.next += 1;
                    return;
                }
                _ => break,
            }
        }
        self.next = start;
    }

    fn command(&mut self, context: &str) -> Result<Command, String> {
        let mut out = Command { operands: Vec::new(), at: self.at() };
        loop {
            self.skip_space();
            match self.peek() {
                Token::End | Token::Close | Token::Pipe => break,
                _ => out.operands.push(self.operand(context)?),
            }
            match self.peek() {
                Token::Space | Token::End | Token::Close | Token::Pipe => {}
                other => return Err(self.error(&format!("unexpected {} in operand", describe(other)))),
            }
        }
        if out.operands.is_empty() {
            return Err(self.error("empty command"));
        }
        Ok(out)
    }

    fn operand(&mut self, context: &str) -> Result<Operand, String> {
        let mut at = self.at();
        let mut fields = Vec::new();
        let kind = match self.peek().clone() {
            Token::Dot => Kind::Dot,
            Token::Field(name) => {
                fields.push(name);
                Kind::Dot
            }
            Token::Variable(name) if self.variables.contains(&name) => Kind::Variable(name),
            Token::Variable(name) => return Err(self.error(&format!("undefined variable \"{name}\""))),
            Token::Text(value, text) => Kind::Text(value, text),
            Token::Number(text) => Kind::Number(text),
            Token::Word(word) => match word.as_str() {
                "true" | "false" => Kind::Bool(word == "true"),
                "nil" => Kind::Nil,
                _ if funcs::exists(&word) => Kind::Function(word),
                "if" | "range" | "with" | "end" | "else" => {
                    return Err(self.error(&format!("unexpected <{word}> in {context}")));
                }
                _ => return Err(self.error(&format!("function \"{word}\" not defined"))),
            },
            Token::Open => {
                self.next += 1;
                let inner = self.pipeline("parenthesized pipeline", false)?;
                Kind::Group(Box::new(inner))
            }
            other => return Err(self.error(&format!("unexpected {} in {context}", describe(&other)))),
        };
        self.next += 1;
        let mut first = true;
        while let Token::Field(name) = self.peek().clone() {
            if first && !matches!(kind, Kind::Function(_)) {
                at = self.at();
            }
            first = false;
            fields.push(name);
            self.next += 1;
        }
        Ok(Operand { kind, fields, at })
    }
}

fn describe(token: &Token) -> String {
    match token {
        Token::Word(text) | Token::Number(text) | Token::Variable(text) | Token::Text(_, text) => format!("<{text}>"),
        Token::Field(name) => format!("<.{name}>"),
        Token::Dot => "<.>".into(),
        Token::Pipe => "\"|\"".into(),
        Token::Open => "\"(\"".into(),
        Token::Close => "\")\"".into(),
        Token::Comma => "\",\"".into(),
        Token::Declare => "\":=\"".into(),
        Token::Assign => "\"=\"".into(),
        Token::Space => "\" \"".into(),
        Token::End => "\"}}\"".into(),
    }
}
