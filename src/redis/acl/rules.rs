//! Why a rule can't be applied, and rules that stretch over several words.

use std::fmt;

/// Why a rule can't be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleError {
    /// No such command or category.
    Unknown,
    /// Not a rule.
    Syntax,
    /// A key pattern after `~*`.
    AfterAllKeys,
    /// A channel pattern after `&*`.
    AfterAllChannels,
    /// The password to be removed is not there.
    NoSuchPassword,
    /// Not a SHA-256 in lower case.
    BadHash,
    /// A second line for the same user.
    Duplicate,
    /// `+command|subcommand|argument`.
    FirstArgOfSubcommand,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RuleError::Unknown => "Unknown command or category name in ACL",
            RuleError::Syntax => "Syntax error",
            RuleError::AfterAllKeys => {
                "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns"
            }
            RuleError::AfterAllChannels => {
                "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels"
            }
            RuleError::NoSuchPassword => "The password you are trying to remove from the user does not exist",
            RuleError::BadHash => {
                "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters"
            }
            RuleError::Duplicate => "Duplicate user found. A user can only be defined once in config files",
            RuleError::FirstArgOfSubcommand => "Allowing first-arg of a subcommand is not supported",
        })
    }
}

/// Puts the words of selectors together: `(+get`, `~a*)` becomes `(+get ~a*)`.
///
/// # Errors
/// The place of the word whose bracket is never closed.
pub fn merge(words: &[&[u8]]) -> Result<Vec<Vec<u8>>, usize> {
    let mut merged = Vec::with_capacity(words.len());
    let mut open: Option<(usize, Vec<u8>)> = None;
    for (n, word) in words.iter().enumerate() {
        match &mut open {
            Some((_, selector)) => {
                selector.push(b' ');
                selector.extend_from_slice(word);
                if word.ends_with(b")") {
                    merged.extend(open.take().map(|(_, selector)| selector));
                }
            }
            None if word.starts_with(b"(") && !word.ends_with(b")") => open = Some((n, word.to_vec())),
            None => merged.push(word.to_vec()),
        }
    }
    match open {
        Some((n, _)) => Err(n),
        None => Ok(merged),
    }
}

/// Whether a name or pattern has characters that separate words.
pub(super) fn has_spaces(text: &[u8]) -> bool {
    text.iter().any(|c| matches!(c, b' ' | 9..=13 | 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_of_several_words_become_one() {
        assert_eq!(
            merge(&[b"on", b"(+get", b"~a", b"&b)", b"(+set)"]).unwrap(),
            [b"on".as_slice(), b"(+get ~a &b)", b"(+set)"]
        );
        assert_eq!(merge(&[b"on", b"(+get", b"~a"]), Err(1));
    }
}
