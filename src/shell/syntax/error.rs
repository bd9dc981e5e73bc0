//! Why a script does not parse, worded for bash, dash and busybox ash.

/// Why parsing stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyntaxError {
    /// The input ends where a command cannot end.
    End {
        /// The line at the end of the input.
        line: u32,
        /// The word that was hoped for, as dash names it.
        expecting: Option<&'static str>,
    },
    /// The input ends inside a quoted string or a substitution.
    Unmatched {
        /// The character that would close it.
        close: char,
        /// The line at which it was opened.
        line: u32,
    },
    /// A token that cannot stand there.
    Token {
        /// The token.
        token: String,
        /// Its line.
        line: u32,
        /// The word that was hoped for, as dash names it.
        expecting: Option<&'static str>,
    },
    /// A message of `[[`.
    Cond {
        /// bash's text.
        message: String,
        /// Its line.
        line: u32,
    },
    /// A text of its own.
    Other {
        /// The text.
        message: String,
        /// Its line.
        line: u32,
    },
    /// Too many constructs inside each other.
    TooDeep {
        /// The line.
        line: u32,
    },
}

impl SyntaxError {
    /// Whether more input could make it right: an interactive shell asks on with PS2.
    pub fn is_incomplete(&self) -> bool {
        matches!(self, SyntaxError::End { .. } | SyntaxError::Unmatched { .. })
    }

    /// The line at fault.
    pub fn line(&self) -> u32 {
        match self {
            SyntaxError::End { line, .. }
            | SyntaxError::Unmatched { line, .. }
            | SyntaxError::Token { line, .. }
            | SyntaxError::Cond { line, .. }
            | SyntaxError::Other { line, .. }
            | SyntaxError::TooDeep { line } => *line,
        }
    }

    /// bash's messages, each with whether bash shows the source line after it.
    pub fn bash(&self) -> Vec<String> {
        match self {
            SyntaxError::End { .. } => vec!["syntax error: unexpected end of file".into()],
            SyntaxError::Unmatched { close, .. } => {
                vec![format!("unexpected EOF while looking for matching `{close}'")]
            }
            SyntaxError::Token { token, .. } => vec![format!("syntax error near unexpected token `{token}'")],
            SyntaxError::Cond { message, .. } => vec![message.clone()],
            SyntaxError::Other { message, .. } => vec![message.clone()],
            SyntaxError::TooDeep { .. } => vec!["drydock: so many nested constructs are not emulated here".into()],
        }
    }

    /// Whether bash shows the line of the source after the message.
    pub fn shows_source(&self) -> bool {
        matches!(self, SyntaxError::Token { .. })
    }

    /// dash's message.
    pub fn dash(&self) -> String {
        let hope = |expecting: &Option<&str>| match expecting {
            Some(word) => format!(" (expecting \"{word}\")"),
            None => String::new(),
        };
        match self {
            SyntaxError::End { expecting, .. } => format!("Syntax error: end of file unexpected{}", hope(expecting)),
            SyntaxError::Unmatched { close: '`', .. } => "Syntax error: EOF in backquote substitution".into(),
            SyntaxError::Unmatched { close: ')', .. } => {
                "Syntax error: end of file unexpected (expecting \")\")".into()
            }
            SyntaxError::Unmatched { close: '}', .. } => "Syntax error: Missing '}'".into(),
            SyntaxError::Unmatched { .. } => "Syntax error: Unterminated quoted string".into(),
            SyntaxError::Token { token, expecting, .. } => match token.as_str() {
                "newline" => format!("Syntax error: newline unexpected{}", hope(expecting)),
                token if token.chars().all(|c| c.is_alphanumeric()) && !super::is_reserved(token) => {
                    format!("Syntax error: word unexpected{}", hope(expecting))
                }
                token => format!("Syntax error: \"{token}\" unexpected{}", hope(expecting)),
            },
            SyntaxError::Cond { message, .. } | SyntaxError::Other { message, .. } => {
                format!("Syntax error: {message}")
            }
            SyntaxError::TooDeep { .. } => "drydock: so many nested constructs are not emulated here".into(),
        }
    }

    /// busybox's message.
    pub fn ash(&self) -> String {
        match self {
            SyntaxError::Unmatched { close: '"' | '\'', .. } => "syntax error: unterminated quoted string".into(),
            other => {
                // The same words in another order.
                let text = other.dash().replacen("Syntax error: ", "", 1);
                match text.split_once(" unexpected") {
                    Some((token, rest)) => format!("syntax error: unexpected {token}{rest}"),
                    None => format!("syntax error: {text}"),
                }
            }
        }
    }
}
