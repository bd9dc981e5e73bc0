//! Reading a builtin's options, as bash's `internal_getopt` does.

/// The options given, and where the operands begin.
pub struct Options<'a> {
    /// Each option with its argument.
    pub given: Vec<(char, Option<&'a str>)>,
    /// The operands.
    pub operands: &'a [String],
}

/// Why options could not be read.
pub enum BadOption {
    /// No such option: as it was written.
    Unknown(String),
    /// It needs an argument.
    NoArgument(char),
}

impl Options<'_> {
    /// Whether the option was given.
    pub fn has(&self, option: char) -> bool {
        self.given.iter().any(|(given, _)| *given == option)
    }

    /// The argument of the option's last occurrence.
    pub fn value(&self, option: char) -> Option<&str> {
        self.given.iter().rev().find(|(given, _)| *given == option).and_then(|(_, value)| *value)
    }
}

/// Reads options: letters, a colon behind those with an argument. `+x` gives the letter in upper case where
/// `plus` is set.
pub fn parse<'a>(args: &'a [String], known: &str) -> Result<Options<'a>, BadOption> {
    let mut given = Vec::new();
    let mut rest = args;
    while let Some((first, tail)) = rest.split_first() {
        let Some(letters) = first.strip_prefix('-').filter(|letters| !letters.is_empty()) else { break };
        rest = tail;
        if letters == "-" {
            break;
        }
        for (at, letter) in letters.char_indices() {
            let Some(found) = known.find(letter).filter(|_| letter != ':') else {
                return Err(BadOption::Unknown(format!("-{letter}")));
            };
            if known.get(found + letter.len_utf8()..).is_some_and(|after| after.starts_with(':')) {
                let inline = letters.get(at + letter.len_utf8()..).filter(|text| !text.is_empty());
                let value = match inline {
                    Some(text) => text,
                    None => {
                        let (next, tail) = rest.split_first().ok_or(BadOption::NoArgument(letter))?;
                        rest = tail;
                        next
                    }
                };
                given.push((letter, Some(value)));
                break;
            }
            given.push((letter, None));
        }
    }
    Ok(Options { given, operands: rest })
}

impl crate::shell::Shell {
    /// Reads a builtin's options; complains and gives none where they are wrong.
    pub(super) async fn options<'a>(&mut self, name: &str, args: &'a [String], known: &str) -> Option<Options<'a>> {
        match parse(args, known) {
            Ok(options) => Some(options),
            Err(BadOption::Unknown(option)) => {
                self.bad_option(name, &option).await;
                None
            }
            Err(BadOption::NoArgument(option)) => {
                self.builtin_error(name, format!("-{option}: option requires an argument")).await;
                self.usage(name).await;
                None
            }
        }
    }
}
