//! What arguments a command takes, and the hint for what is still to be typed.

/// What an argument holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// any text
    Text,
    /// a whole number, also a time
    Integer,
    /// a number
    Double,
    /// only its token
    Token,
    /// one of these
    OneOf(Vec<Argument>),
    /// these in a row
    Block(Vec<Argument>),
}

/// One argument of a command, and how much of it the words typed so far have matched.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// what the hint shows
    pub name: String,
    /// the literal word before it
    pub token: Option<String>,
    /// what it holds
    pub kind: Kind,
    /// it may be left out
    pub optional: bool,
    /// it may be repeated
    pub multiple: bool,
    /// its token is repeated with it
    pub multiple_token: bool,
    seen: Seen,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Seen {
    words: usize,
    token: bool,
    name: bool,
    all: bool,
}

impl Argument {
    /// An argument that nothing has matched yet.
    pub fn new(name: &str, token: Option<&str>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            token: token.map(Into::into),
            kind,
            optional: false,
            multiple: false,
            multiple_token: false,
            seen: Seen::default(),
        }
    }

    fn forget(&mut self) {
        self.seen = Seen::default();
        if let Kind::OneOf(inner) | Kind::Block(inner) = &mut self.kind {
            inner.iter_mut().for_each(Self::forget);
        }
    }
}

/// The hint for `words` typed behind the command; `None` when they do not fit the command.
pub fn hint(arguments: &[Argument], words: &[Vec<u8>]) -> String {
    let mut arguments = arguments.to_vec();
    arguments.iter_mut().for_each(Argument::forget);
    let mut out = String::new();
    if match_all(words, &mut arguments) == words.len() {
        show_all(&mut out, &mut arguments, " ");
    }
    out
}

/// Words between which a separator goes only when the last step wrote something.
fn separate(out: &mut String, length: &mut usize, separator: &str, last: bool) {
    if out.len() > *length && !last {
        out.push_str(separator);
        *length = out.len();
    }
}

fn show_all(out: &mut String, arguments: &mut [Argument], separator: &str) {
    let count = arguments.len();
    let mut length = out.len();
    let mut i = 0;
    while i < count {
        let Some(argument) = arguments.get_mut(i) else { return };
        if !argument.optional {
            show(out, argument);
            separate(out, &mut length, separator, i + 1 == count);
            i += 1;
            continue;
        }
        // Optional arguments in a row may come in any order: one that is half typed comes first.
        let end = arguments.iter().skip(i).position(|a| !a.optional).map_or(count, |n| i + n);
        let mut half = None;
        for j in i..end {
            let Some(argument) = arguments.get_mut(j).filter(|a| a.seen.words != 0 && !a.seen.all) else { continue };
            show(out, argument);
            separate(out, &mut length, separator, i + 1 == count);
            half = Some(j);
        }
        // Once the required argument behind them is typed, none of them can come any more.
        if arguments.get(end).is_none_or(|a| a.seen.words == 0) {
            for j in i..end {
                let Some(argument) = arguments.get_mut(j).filter(|_| half != Some(j)) else { continue };
                show(out, argument);
                separate(out, &mut length, separator, j + 1 == count);
            }
        }
        i = end;
    }
}

fn or_empty(out: &mut String, text: &str) {
    out.push_str(if text.is_empty() { "\"\"" } else { text });
}

fn show(out: &mut String, argument: &mut Argument) {
    if argument.seen.all {
        return;
    }
    if argument.optional && argument.seen.words == 0 {
        out.push('[');
    }
    if let Some(token) = argument.token.as_deref().filter(|_| !argument.seen.token) {
        or_empty(out, token);
        if argument.kind != Kind::Token {
            out.push(' ');
        }
    }
    match &mut argument.kind {
        Kind::OneOf(inner) if argument.seen.words == 0 => show_all(out, inner, "|"),
        Kind::OneOf(inner) => inner.iter_mut().filter(|a| a.seen.words != 0).for_each(|a| show(out, a)),
        Kind::Block(inner) => show_all(out, inner, " "),
        Kind::Token => {}
        _ if argument.seen.name => {}
        _ => or_empty(out, &argument.name),
    }
    if argument.multiple {
        show_repeated(out, argument);
    }
    // Asked anew: showing the repetition has forgotten what was typed, and the real one closes a bracket then.
    if argument.optional && argument.seen.words == 0 {
        out.push(']');
    }
}

/// ` [member ...]` behind an argument that may be repeated.
fn show_repeated(out: &mut String, argument: &mut Argument) {
    argument.forget();
    out.push_str(if out.is_empty() { "[" } else { " [" });
    if argument.multiple_token {
        or_empty(out, argument.token.as_deref().unwrap_or_default());
        if argument.kind != Kind::Token {
            out.push(' ');
        }
    }
    match &mut argument.kind {
        Kind::OneOf(inner) => show_all(out, inner, "|"),
        Kind::Block(inner) => show_all(out, inner, " "),
        Kind::Token => {}
        _ => or_empty(out, &argument.name),
    }
    out.push_str(" ...]");
}

type Words<'a> = &'a [Vec<u8>];

fn rest(words: Words<'_>, from: usize) -> Words<'_> {
    words.get(from..).unwrap_or_default()
}

/// How many words fit the arguments; 0 when a required one does not.
fn match_all(words: Words<'_>, arguments: &mut [Argument]) -> usize {
    let (mut word, mut i) = (0, 0);
    while word < words.len() && i < arguments.len() {
        let optional = arguments.iter().skip(i).take_while(|a| a.optional).count();
        if optional > 0 {
            word += match_optional(rest(words, word), arguments.get_mut(i..i + optional).unwrap_or_default());
            i += optional;
        } else {
            let Some(argument) = arguments.get_mut(i) else { break };
            match match_one(rest(words, word), argument) {
                0 => return 0,
                matched => word += matched,
            }
            i += 1;
        }
    }
    word
}

fn match_optional(words: Words<'_>, arguments: &mut [Argument]) -> usize {
    let mut word = 0;
    let mut last: Option<usize> = None;
    while word < words.len() {
        let mut found = None;
        for (i, argument) in arguments.iter_mut().enumerate().filter(|(_, a)| a.seen.words == 0) {
            let matched = match_one(rest(words, word), argument);
            if matched != 0 {
                found = Some((i, matched));
                break;
            }
        }
        let Some((i, matched)) = found else { break };
        // The one before is complete, then: it must not be hinted half.
        if let Some(before) = last.and_then(|l| arguments.get_mut(l)) {
            before.seen.all = true;
        }
        last = Some(i);
        word += matched;
    }
    word
}

fn match_one(words: Words<'_>, argument: &mut Argument) -> usize {
    let mut matched = match_once(words, argument);
    if !argument.multiple {
        return matched;
    }
    while argument.seen.all && matched < words.len() {
        argument.forget();
        let step = if argument.token.is_some() && !argument.multiple_token {
            // The token stands only before the first.
            let step = match_value(rest(words, matched), argument);
            if argument.seen.words != 0 {
                argument.seen.token = true;
            }
            step
        } else {
            match_once(rest(words, matched), argument)
        };
        matched += step;
    }
    argument.seen.all = false;
    matched
}

fn match_once(words: Words<'_>, argument: &mut Argument) -> usize {
    let mut words = words;
    if let Some(token) = &argument.token {
        if !words.first().is_some_and(|w| w.eq_ignore_ascii_case(token.as_bytes())) {
            return 0;
        }
        argument.seen.token = true;
        argument.seen.words = 1;
        if argument.kind == Kind::Token {
            argument.seen.all = true;
            return 1;
        }
        if words.len() == 1 {
            return 1;
        }
        words = rest(words, 1);
    }
    if match_value(words, argument) == 0 { 0 } else { argument.seen.words }
}

fn match_value(words: Words<'_>, argument: &mut Argument) -> usize {
    let seen = &mut argument.seen;
    let fits = match &mut argument.kind {
        Kind::Block(inner) => {
            seen.words += match_all(words, inner);
            seen.all = inner.iter().all(|a| a.seen.all);
            return seen.words;
        }
        Kind::OneOf(inner) => {
            if let Some(found) = inner.iter_mut().find_map(|a| (match_one(words, a) != 0).then_some(a)) {
                seen.words += found.seen.words;
                seen.all = found.seen.all;
            }
            return seen.words;
        }
        Kind::Integer => {
            words.first().is_some_and(|w| crate::words::leading_integer(&String::from_utf8_lossy(w)).1 > 0)
        }
        Kind::Double => words.first().is_some_and(|w| crate::words::leading_float(&String::from_utf8_lossy(w)).1 > 0),
        Kind::Text | Kind::Token => true,
    };
    if fits {
        seen.words += 1;
        seen.name = true;
        seen.all = true;
    } else {
        seen.words = 0;
        seen.name = false;
    }
    seen.words
}
