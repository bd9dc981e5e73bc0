//! Splits a template's text into text and the tokens of actions.

/// A token inside `{{ }}`.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A word: function or keyword.
    Word(String),
    /// `.name`
    Field(String),
    /// `.` alone.
    Dot,
    /// `$name` or `$`.
    Variable(String),
    /// A quoted string, its value and its text.
    Text(String, String),
    /// A number's text.
    Number(String),
    /// `|`
    Pipe,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `:=`
    Declare,
    /// `=`
    Assign,
    /// White space.
    Space,
    /// The end of the action.
    End,
}

/// Text, or an action's tokens with their byte offsets.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Text to print.
    Text(String),
    /// An action.
    Action(Vec<(Token, usize)>),
}

/// The pieces of `source`; the error is a message and its offset.
pub fn lex(source: &str) -> Result<Vec<Piece>, (String, usize)> {
    let (mut pieces, mut at, mut trim) = (Vec::new(), 0, false);
    loop {
        let rest = source.get(at..).unwrap_or("");
        let open = rest.find("{{");
        let mut text = &rest[..open.unwrap_or(rest.len())];
        if trim {
            text = text.trim_start();
        }
        let Some(open) = open else {
            push_text(&mut pieces, text);
            return Ok(pieces);
        };
        let mut inside = at + open + 2;
        let after = source.get(inside..).unwrap_or("");
        let trim_left = after.starts_with('-') && after[1..].starts_with([' ', '\t', '\n', '\r']);
        if trim_left {
            text = text.trim_end();
            inside += 2;
        }
        push_text(&mut pieces, text);
        let after = source.get(inside..).unwrap_or("");
        if after.starts_with("/*") {
            let Some(end) = after.find("*/") else { return Err(("unclosed comment".into(), inside)) };
            let tail = &after[end + 2..];
            let spaces = tail.len() - tail.trim_start().len();
            let (close, width) = if tail.trim_start().starts_with("-}}") { (true, 3) } else { (false, 2) };
            if !close && !tail.starts_with("}}") {
                return Err(("comment ends before closing delimiter".into(), inside));
            }
            trim = close;
            at = inside + end + 2 + if close { spaces } else { 0 } + width;
            continue;
        }
        let (tokens, end, trim_right) = action(source, inside)?;
        pieces.push(Piece::Action(tokens));
        at = end;
        trim = trim_right;
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_string()));
    }
}

type ActionTokens = (Vec<(Token, usize)>, usize, bool);

fn action(source: &str, start: usize) -> Result<ActionTokens, (String, usize)> {
    let mut tokens = Vec::new();
    let (mut at, mut depth) = (start, 0usize);
    loop {
        let rest = source.get(at..).unwrap_or("");
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let spaces = rest.len() - trimmed.len();
        let closes = rest.starts_with("}}");
        let trims = spaces > 0 && trimmed.starts_with("-}}");
        if closes || trims {
            if depth > 0 {
                return Err(("unclosed left paren".into(), at));
            }
            tokens.push((Token::End, at));
            return Ok((tokens, at + if trims { spaces + 3 } else { 2 }, trims));
        }
        let Some(first) = rest.chars().next() else { return Err(("unclosed action".into(), at)) };
        if spaces > 0 {
            tokens.push((Token::Space, at));
            at += spaces;
            continue;
        }
        let (token, length) = token(rest, first).map_err(|why| (why, at))?;
        match token {
            Token::Open => depth += 1,
            Token::Close if depth == 0 => return Err(("unexpected right paren".into(), at)),
            Token::Close => depth -= 1,
            _ => {}
        }
        tokens.push((token, at));
        at += length;
    }
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

fn token(rest: &str, first: char) -> Result<(Token, usize), String> {
    let second = rest[first.len_utf8()..].chars().next();
    Ok(match first {
        '|' => (Token::Pipe, 1),
        '(' => (Token::Open, 1),
        ')' => (Token::Close, 1),
        ',' => (Token::Comma, 1),
        ':' if second == Some('=') => (Token::Declare, 2),
        ':' => return Err("expected :=".into()),
        '=' => (Token::Assign, 1),
        '"' | '`' => quoted(rest, first)?,
        '\'' => return Err("drydock: character constants are not emulated here".into()),
        '.' if second.is_some_and(|c| c.is_ascii_digit()) => number(rest)?,
        '.' => match word_length(&rest[1..]) {
            0 => (Token::Dot, 1),
            n => (Token::Field(rest[1..=n].to_string()), n + 1),
        },
        '$' => {
            let n = word_length(&rest[1..]);
            (Token::Variable(rest[..=n].to_string()), n + 1)
        }
        '+' | '-' => number(rest)?,
        c if c.is_ascii_digit() => number(rest)?,
        c if c.is_alphabetic() || c == '_' => {
            let n = word_length(rest);
            (Token::Word(rest[..n].to_string()), n)
        }
        c => return Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32)),
    })
}

fn number(rest: &str) -> Result<(Token, usize), String> {
    let n = rest
        .char_indices()
        .skip(1)
        .find(|(_, c)| !c.is_ascii_alphanumeric() && *c != '.' && *c != '_')
        .map_or(rest.len(), |(i, _)| i);
    let text = &rest[..n];
    if text.parse::<f64>().is_err() && text.strip_prefix("0x").is_none_or(|h| i64::from_str_radix(h, 16).is_err()) {
        return Err(format!("bad number syntax: {}", docker_api::text_quote(text)));
    }
    Ok((Token::Number(text.to_string()), n))
}

fn quoted(rest: &str, quote: char) -> Result<(Token, usize), String> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((i, c)) = chars.next() {
        match c {
            c if c == quote => return Ok((Token::Text(value, rest[..=i].to_string()), i + 1)),
            '\\' if quote == '"' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, '0')) => value.push('\0'),
                Some((_, c @ ('\\' | '"' | '\''))) => value.push(c),
                Some((_, 'x')) => {
                    let hex: String = chars.by_ref().take(2).map(|(_, c)| c).collect();
                    let code = u8::from_str_radix(&hex, 16).map_err(|_| "invalid syntax".to_string())?;
                    value.push(char::from(code));
                }
                Some((_, 'u')) => {
                    let hex: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                    let code = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
                    value.push(code.ok_or_else(|| "invalid syntax".to_string())?);
                }
                _ => return Err("invalid syntax".into()),
            },
            '\n' if quote == '"' => break,
            c => value.push(c),
        }
    }
    Err(if quote == '"' { "unterminated quoted string".into() } else { "unterminated raw quoted string".into() })
}
